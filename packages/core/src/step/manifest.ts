import * as tf from '@tensorflow/tfjs-core';
import * as z from 'zod';
import { FlatminError, show } from '../errors/errors.js';
import { maximumDepth, type NamedTensor } from '../tensors/stateTree.js';
import { isTensor } from '../tensors/tensors.js';

/** The name of the entry that says what the others are. */
export const manifestName = 'flatmin/manifest';

/** The numbers of an optimizer, exact. */
export interface Numbers {
  /** Updates done. */
  readonly index: number;
  readonly seed: number;
  /** Absent where the base has none to tell. */
  readonly learningRate?: number;
  /** rho or its schedule, where the optimizer holds it. */
  readonly radius?: unknown;
}

const names = z.array(z.string()).refine((list) => new Set(list).size === list.length, 'a name occurs twice');

const manifestSchema = z
  .object({
    flatmin: z.literal(1),
    id: z.string(),
    index: z.int().min(0),
    seed: z.int().min(0),
    learningRate: z.number().min(0).optional(),
    radius: z.unknown().optional(),
    names,
    shapes: z.array(z.array(z.int().min(0))),
    slots: names,
    scalars: names,
    state: z.unknown(),
    training: z.boolean().optional(),
  })
  .refine(({ names: all, shapes }) => all.length === shapes.length, 'there is not one shape for each name');

export interface Manifest extends Numbers {
  readonly flatmin: 1;
  readonly id: string;
  readonly names: readonly string[];
  readonly shapes: readonly (readonly number[])[];
  readonly slots: readonly string[];
  readonly scalars: readonly string[];
  readonly state: unknown;
  /** True where the weights that train are saved too: the variables did not hold them. */
  readonly training?: boolean | undefined;
}

/** The error of what is not a saved optimizer, or not all of one. */
export function notSaved(what: string): FlatminError {
  return new FlatminError(
    'STATE_INVALID',
    `setWeights got ${what}. Nothing was changed. Pass everything that getWeights of a flatmin optimizer returned, unchanged.`,
  );
}

/** Entries by name, as setWeights takes them. */
export function entriesByName(entries: unknown): ReadonlyMap<string, tf.Tensor> {
  if (!Array.isArray(entries)) throw notSaved(`${show(entries)}, not a list of { name, tensor }`);
  const byName = new Map<string, tf.Tensor>();
  entries.forEach((entry: unknown, i) => {
    const { name, tensor } = (entry ?? {}) as { readonly name?: unknown; readonly tensor?: unknown };
    if (typeof name !== 'string' || !isTensor(tensor)) {
      throw notSaved(
        `${typeof name === 'string' ? `no tensor under the name ${show(name)}` : show(entry)} as element ${i}`,
      );
    }
    if (byName.has(name)) throw notSaved(`two tensors named ${show(name)}`);
    if (tensor.isDisposed) throw notSaved(`a disposed tensor under the name ${show(name)}`);
    byName.set(name, tensor);
  });
  if (!byName.has(manifestName)) throw notSaved(`${byName.size} tensors without ${manifestName}`);
  return byName;
}

export function encodeManifest(manifest: Manifest): NamedTensor {
  const bytes = new TextEncoder().encode(JSON.stringify(manifest));
  return { name: manifestName, tensor: tf.tensor1d(Int32Array.from(bytes), 'int32') };
}

/** What the bytes of a manifest say. */
export function parseManifest(bytes: ArrayLike<number>): Manifest {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.from(bytes)));
  } catch {
    throw notSaved('a manifest that is not JSON');
  }
  const { data, error } = manifestSchema.safeParse(json);
  if (data !== undefined) return data as Manifest;
  const [issue] = error.issues;
  throw notSaved(`a manifest whose ${issue?.path.join('.') || 'content'} is not valid (${issue?.message})`);
}

/** The tensors that a manifest names, with their shapes; undefined where any will do. */
type Expected = Map<string, readonly number[] | undefined>;

class StateReader {
  readonly #manifest: Pick<Manifest, 'names' | 'shapes'>;
  readonly #expected: Expected;

  constructor(manifest: Pick<Manifest, 'names' | 'shapes'>, expected: Expected) {
    this.#manifest = manifest;
    this.#expected = expected;
  }

  /** Notes what an encoded state names; refuses what nothing encoded. */
  visit(encoded: unknown, depth = 0): void {
    const entries = typeof encoded === 'object' && encoded !== null ? Object.entries(encoded) : [];
    const [[kind, value] = []] = entries;
    if (entries.length !== 1 || depth > maximumDepth || !this.#note(kind, value, depth)) {
      throw notSaved(`a manifest with the state ${show(encoded)}`);
    }
  }

  #note(kind: string | undefined, value: unknown, depth: number): boolean {
    const { names: all, shapes } = this.#manifest;
    if (kind === 'none') return value === true;
    if (kind === 'integer') return Number.isInteger(value);
    if (kind === 'list' || kind === 'record') {
      if (typeof value !== 'object' || value === null || Array.isArray(value) !== (kind === 'list')) return false;
      for (const item of Object.values(value)) this.visit(item, depth + 1);
      return true;
    }
    if (typeof value !== 'string') return false;
    if (kind === 'tensor') this.#expected.set(value, undefined);
    else if (kind === 'vector') all.forEach((name, i) => this.#expected.set(`${value}/${name}`, shapes[i]));
    else return false;
    return true;
  }
}

function expectedEntries(manifest: Manifest): Expected {
  const expected: Expected = new Map();
  new StateReader(manifest, expected).visit(manifest.state);
  for (const slot of manifest.slots) for (const name of manifest.names) expected.set(`base/${slot}/${name}`, undefined);
  for (const name of manifest.scalars) expected.set(`base/${name}`, undefined);
  if (manifest.training) manifest.names.forEach((name, i) => expected.set(`training/${name}`, manifest.shapes[i]));
  return expected;
}

/** Refuses entries that are missing, of another shape, or more than the manifest knows. */
export function checkEntries(manifest: Manifest, entries: ReadonlyMap<string, tf.Tensor>): void {
  const expected = expectedEntries(manifest);
  for (const [name, shape] of expected) {
    const tensor = entries.get(name);
    if (tensor === undefined) throw notSaved(`no tensor ${show(name)}, which its manifest names`);
    if (shape !== undefined && shape.join() !== tensor.shape.join()) {
      throw notSaved(
        `${show(name)} of shape [${tensor.shape.join(', ')}], where its manifest says [${shape.join(', ')}]`,
      );
    }
  }
  const extra = [...entries.keys()].find((name) => name !== manifestName && !expected.has(name));
  if (extra !== undefined) throw notSaved(`a tensor ${show(extra)} that its manifest does not name`);
}

/** Refuses values that are not numbers: every weight would be none after a step. Two ops a tensor, one read. */
export async function refuseNaN(entries: ReadonlyMap<string, tf.Tensor>): Promise<void> {
  const real = [...entries].filter(([, { dtype, size }]) => dtype === 'float32' && size > 0);
  if (real.length === 0) return;
  const found = tf.tidy(() => tf.stack(real.map(([, tensor]) => tf.any(tf.isNaN(tensor)))));
  try {
    const at = (await found.data()).findIndex((isFound) => isFound !== 0);
    if (at >= 0) throw notSaved(`${show(real[at]?.[0])} with values that are not a number (NaN)`);
  } finally {
    found.dispose();
  }
}
