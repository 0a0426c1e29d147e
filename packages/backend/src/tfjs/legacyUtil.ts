import util from 'node:util';

/**
 * Gives tfjs-node 4.22 the two old `node:util` functions it calls. Node 23 removed `isNullOrUndefined`, without which
 * TopK and every op with a list of tensors throw; Node 22 prints a deprecation warning for both.
 */
export function restoreLegacyUtil(target: object = util, version = process.versions.node): void {
  if (Number.parseInt(version, 10) < 22) return;
  define(target, 'isNullOrUndefined', (value: unknown) => value === null || value === undefined);
  define(target, 'isArray', Array.isArray);
}

function define(target: object, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, writable: true, configurable: true, enumerable: true });
}
