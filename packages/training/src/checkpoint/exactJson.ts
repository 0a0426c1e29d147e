/** JSON in which every number comes back as it was, also those that JSON has no word for. */
export function toExactJson(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) =>
    typeof item === 'number' && (!Number.isFinite(item) || Object.is(item, -0))
      ? { number: Object.is(item, -0) ? '-0' : String(item) }
      : item,
  );
}

export function fromExactJson(text: string): unknown {
  return JSON.parse(text, (_, item: unknown) => (isWord(item) ? Number(item.number) : item)) as unknown;
}

function isWord(item: unknown): item is { readonly number: string } {
  if (typeof item !== 'object' || item === null || Object.keys(item).length !== 1) return false;
  return ['NaN', 'Infinity', '-Infinity', '-0'].includes((item as { readonly number?: string }).number ?? '');
}
