import type { RandomStream } from '@flatmin/core';

type Draw = () => number;
type Mutation = (bytes: Uint8Array, draw: Draw) => Uint8Array;

const place = (size: number, draw: Draw): number => Math.floor(draw() * size);
/** A range that may be empty or the whole. */
const range = (size: number, draw: Draw): readonly [number, number] => {
  const [a, b] = [place(size + 1, draw), place(size + 1, draw)];
  return a < b ? [a, b] : [b, a];
};

/** Ways in which files break: on the way, on the disk, in the hands of programs, and by intent. */
const mutations: Readonly<Record<string, Mutation>> = {
  flip: (bytes, draw) => {
    const changed = bytes.slice();
    const bits = 1 + place(8, draw);
    for (let i = 0; i < bits && bytes.length > 0; i++) changed[place(bytes.length, draw)]! ^= 1 << place(8, draw);
    return changed;
  },
  truncate: (bytes, draw) => bytes.slice(0, place(bytes.length, draw)),
  extend: (bytes, draw) => {
    const longer = new Uint8Array(bytes.length + 1 + place(64, draw));
    longer.set(bytes);
    for (let i = bytes.length; i < longer.length; i++) longer[i] = place(256, draw);
    return longer;
  },
  // The first bytes decide what is allocated: give them the numbers that hurt.
  header: (bytes, draw) => {
    const changed = bytes.slice();
    const hurting = [0, 1, 0x7f, 0x80, 0xff];
    const start = place(Math.min(32, bytes.length), draw);
    const value = hurting[place(hurting.length, draw)] as number;
    return changed.fill(value, start, start + 1 + place(4, draw));
  },
  duplicate: (bytes, draw) => {
    const [start, end] = range(bytes.length, draw);
    return Uint8Array.from([...bytes.subarray(0, end), ...bytes.subarray(start, end), ...bytes.subarray(end)]);
  },
  remove: (bytes, draw) => {
    const [start, end] = range(bytes.length, draw);
    return Uint8Array.from([...bytes.subarray(0, start), ...bytes.subarray(end)]);
  },
  zero: (bytes, draw) => bytes.slice().fill(0, ...range(bytes.length, draw)),
};

export const mutationNames: readonly string[] = Object.keys(mutations);

/** A broken copy of some bytes: one to three mutations of {@link mutationNames}, by the stream alone. */
export function mutate(bytes: Uint8Array, random: RandomStream): Uint8Array {
  const draw = random.generator();
  const times = 1 + place(3, draw);
  // A Buffer's `slice` is not a copy: the file itself would be broken, and all later ones with it.
  let changed: Uint8Array = Uint8Array.from(bytes);
  for (let i = 0; i < times; i++) {
    const name = mutationNames[place(mutationNames.length, draw)] as string;
    changed = (mutations[name] as Mutation)(changed, draw);
  }
  return changed;
}
