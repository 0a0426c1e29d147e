import type { Spec } from '@flatmin/core';

/** A spec in a few characters, inside out: lets(sam(momentum)). */
export function methodName(spec: Spec): string {
  const inner = [spec['inner'], spec['base']].filter(isSpec).map(methodName);
  return inner.length === 0 ? spec.use : `${spec.use}(${inner.join(', ')})`;
}

function isSpec(value: unknown): value is Spec {
  return typeof value === 'object' && value !== null && typeof (value as { use?: unknown }).use === 'string';
}
