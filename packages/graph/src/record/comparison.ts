import { FlatminError } from '@flatmin/core';
import { type Constant, type RecordedOp, type Recording, sameOp } from './recording.js';

/** The learning rates at which two recordings of one step were made; NaN where there is none. */
export type Rates = readonly [number, number];

/** The constants that were the learning rate, and its sign: they are inputs of the graph. */
export type RateEdges = ReadonlyMap<string, 1 | -1>;

const opsOf = ({ segments }: Recording): readonly RecordedOp[] => segments.flatMap(({ ops }) => ops);

/** Whether two constants of one type have the same values: the bits, so that -0 is not 0. */
export function sameConstant(a: Constant, b: Constant): boolean {
  if (a.dtype !== b.dtype || a.bytes.length !== b.bytes.length || a.shape.join() !== b.shape.join()) return false;
  return a.bytes.length > 16
    ? Buffer.from(a.bytes.buffer).equals(b.bytes)
    : a.bytes.every((byte, i) => byte === b.bytes[i]);
}

function refuseOtherOps(first: Recording, second: Recording): void {
  const [ops, others] = [opsOf(first), opsOf(second)];
  const at = ops.findIndex((op, i) => others[i] === undefined || !sameOp(op, others[i]));
  if (at < 0 && ops.length === others.length) return;
  const place = at < 0 ? Math.min(ops.length, others.length) : at;
  const what = `op ${place} is ${ops[place]?.op ?? 'none'} once and ${others[place]?.op ?? 'none'} then`;
  throw new FlatminError(
    'CAPTURE_REFUSED',
    `the step does something else each time it runs from the same start (${what}), so it cannot be replayed. Decide by what ` +
      'the start contains, or train without a graph.',
  );
}

/** The sign with which a constant is the learning rate in both recordings. */
function rateSign(a: Constant, b: Constant, rates: Rates): 1 | -1 | undefined {
  if (a.dtype !== 'float32' || a.bytes.length !== 4) return undefined;
  const valueOf = ({ bytes }: Constant): number => new Float32Array(bytes.buffer.slice(0))[0] as number;
  const signs = [1, -1] as const;
  return signs.find((sign) =>
    [a, b].every((constant, i) => Object.is(valueOf(constant), Math.fround(sign * (rates[i] as number)))),
  );
}

/**
 * Compares two recordings of one step from the same start, the second at another learning rate: what differs is the
 * learning rate, or the step cannot be replayed.
 *
 * @throws FlatminError CAPTURE_REFUSED, with the op that takes what differs.
 */
export function compareRecordings(first: Recording, second: Recording, rates: Rates): RateEdges {
  refuseOtherOps(first, second);
  const found = new Map<string, 1 | -1>();
  for (const [edge, constant] of first.constants) {
    const other = second.constants.get(edge);
    if (other === undefined || sameConstant(constant, other)) continue;
    const sign = rateSign(constant, other, rates);
    if (sign === undefined) throw changedConstant(first, edge);
    found.set(edge, sign);
  }
  return found;
}

function changedConstant(recording: Recording, edge: string): FlatminError {
  const { shape } = recording.constants.get(edge) as Constant;
  const user = opsOf(recording).find(({ inputs }) => inputs.includes(edge));
  return new FlatminError(
    'CAPTURE_REFUSED',
    `a tensor [${shape.join(', ')}] made in JavaScript, which ${user?.op ?? 'the result'} takes, has different values each time: random ` +
      'numbers such as those of a dropout layer, or a count of calls. A replay would not change it. Make it with stepInput(() => [...]) ' +
      'of @flatmin/core (in a tf.LayersModel use dropoutLayer or convertDropout of @flatmin/model-layers), or train without a graph.',
  );
}
