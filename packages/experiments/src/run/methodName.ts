import type { Spec } from '@flatmin/core';
import type { RunConfig } from '../config/runConfig.js';

/** What tables and plots call a run. */
export function nameOfRun({ name, optimizer }: Pick<RunConfig, 'name' | 'optimizer'>): string {
  return name ?? methodName(optimizer);
}

/** A spec in a few characters, inside out: lets(sam(momentum)). */
export function methodName(spec: Spec): string {
  const inner = [spec['inner'], spec['base']].filter(isSpec).map(methodName);
  return inner.length === 0 ? spec.use : `${spec.use}(${inner.join(', ')})`;
}

function isSpec(value: unknown): value is Spec {
  return typeof value === 'object' && value !== null && typeof (value as { use?: unknown }).use === 'string';
}
