import ts from 'typescript';

/**
 * What has no order: the members of a union, and the properties of an object type. TypeScript writes them in the order
 * in which it met them, which an incremental build and a whole one do not share.
 */
const isUnordered = (node) =>
  ts.isUnionTypeNode(node) || (ts.isTypeLiteralNode(node) && node.members.every(ts.isPropertySignature));

/** `null` and `undefined` last, as people write them. */
const isNothing = (text) => text === 'null' || text === 'undefined';
const byText = (a, b) => Number(isNothing(a)) - Number(isNothing(b)) || (a < b ? -1 : Number(a > b));

function textOf(node, source) {
  const slots = [];
  ts.forEachChild(
    node,
    (child) => void slots.push({ from: child.getStart(source), to: child.end, text: textOf(child, source) }),
  );
  if (isUnordered(node)) {
    const texts = slots.map(({ text }) => text).sort(byText);
    texts.forEach((text, i) => (slots[i].text = text));
  }
  const start = node.getStart(source);
  const pieces = slots.map(({ from, text }, i) => source.text.slice(i === 0 ? start : slots[i - 1].to, from) + text);
  return pieces.join('') + source.text.slice(slots.at(-1)?.to ?? start, node.end);
}

/** The code of a report, or declarations, in one order: equal for equal types, however they were built. */
export function canonical(code) {
  const source = ts.createSourceFile('report.d.ts', code, ts.ScriptTarget.ES2022, true);
  const start = source.getStart(source);
  return source.text.slice(0, start) + textOf(source, source);
}
