import { FlatminError } from '@flatmin/core/errors';

/** The backends that 'auto' tries, best first. */
export const backendNames = ['tensorflow', 'wasm', 'cpu'] as const;

/** Those that load only where they are named: what they need is large, or slow for small models. */
export const namedBackends = ['tensorflow-gpu', 'webgpu'] as const;

export type BackendName = (typeof backendNames)[number] | (typeof namedBackends)[number];

/** The environment variable that says which backend 'auto' must be. */
export const backendVariable = 'FLATMIN_BACKEND';

export interface BackendRequest {
  /** The one backend to load, or undefined: the best one that works. */
  readonly only: BackendName | undefined;
  /** Who asked for `only`, for messages. */
  readonly askedBy: string;
  readonly notes: readonly string[];
}

/**
 * Settles the argument against the environment: an explicit argument wins, `FLATMIN_BACKEND` decides what 'auto' is.
 */
export function resolveRequest(name: string | undefined, environment: NodeJS.ProcessEnv = process.env): BackendRequest {
  const variable = environment[backendVariable]?.trim() ?? '';
  const fromVariable = parseName(variable === '' ? 'auto' : variable, `${backendVariable}=${variable}`);
  const fromArgument = parseName(name ?? 'auto', `loadBackend('${name ?? 'auto'}')`);
  if (fromArgument === undefined) {
    return { only: fromVariable, askedBy: `${backendVariable}=${variable}`, notes: [] };
  }
  const overruled = fromVariable !== undefined && fromVariable !== fromArgument;
  return {
    only: fromArgument,
    askedBy: `loadBackend('${fromArgument}')`,
    notes: overruled ? [`${backendVariable}=${fromVariable} was overridden by loadBackend('${fromArgument}')`] : [],
  };
}

function parseName(value: string, source: string): BackendName | undefined {
  if (value === 'auto') return undefined;
  const names = [...backendNames, ...namedBackends];
  const known = names.find((name) => name === value);
  if (known !== undefined) return known;
  throw new FlatminError(
    'BACKEND_UNKNOWN',
    `${source} does not name a backend: '${value}' is not one of auto, ${names.join(', ')}. Use one of those.`,
  );
}
