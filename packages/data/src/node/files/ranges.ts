import { type ByteSource, bytesOf } from './byteSource.js';

/** Neighbors that are no further apart are read at once. */
const gapBytes = 2 ** 12;
const mostBytes = 2 ** 20;
/** Readings on their way at once: enough to keep the disk busy, few enough for any limit of open files. */
const atOnce = 16;

/** Ranges of a file, found one after the other in a first pass: 12 bytes each. */
export class RangeList {
  #starts = new Float64Array(1024);
  #lengths = new Uint32Array(1024);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(start: number, length: number): void {
    if (this.#size === this.#starts.length) {
      this.#starts = grown(this.#starts, new Float64Array(2 * this.#size));
      this.#lengths = grown(this.#lengths, new Uint32Array(2 * this.#size));
    }
    this.#starts[this.#size] = start;
    this.#lengths[this.#size] = length;
    this.#size += 1;
  }

  start(index: number): number {
    return this.#starts[index] as number;
  }

  end(index: number): number {
    return this.start(index) + (this.#lengths[index] as number);
  }
}

function grown<A extends Float64Array | Uint32Array>(from: A, to: A): A {
  to.set(from);
  return to;
}

/** The source itself, or, up to `memory` bytes, its content: read at once, and kept. */
export async function keepSmall(source: ByteSource, memory: number): Promise<ByteSource> {
  return source.size <= memory ? bytesOf(source.name, await source.read(0, source.size)) : source;
}

/** The bytes of some ranges of a list, in the order of `indices`; those that lie together are read together. */
export async function readRanges(
  source: ByteSource,
  ranges: RangeList,
  indices: ArrayLike<number>,
): Promise<readonly Uint8Array[]> {
  const found = new Array<Uint8Array>(indices.length);
  const places = Array.from(indices, (index, place) => ({ place, start: ranges.start(index), end: ranges.end(index) }));
  const groups = together(places.sort((a, b) => a.start - b.start));
  for (let first = 0; first < groups.length; first += atOnce) {
    await Promise.all(
      groups.slice(first, first + atOnce).map(async (group) => {
        const from = group[0]?.start as number;
        const bytes = await source.read(from, (group.at(-1)?.end as number) - from);
        for (const { place, start, end } of group) found[place] = bytes.subarray(start - from, end - from);
      }),
    );
  }
  return found;
}

interface Place {
  readonly place: number;
  readonly start: number;
  readonly end: number;
}

function together(sorted: readonly Place[]): readonly (readonly Place[])[] {
  const groups: Place[][] = [];
  for (const each of sorted) {
    const group = groups.at(-1);
    const [first, last] = [group?.[0], group?.at(-1)];
    // Ranges do not overlap, but one may be asked for twice.
    if (first && last && each.start - last.end <= gapBytes && each.end - first.start <= mostBytes) group?.push(each);
    else groups.push([each]);
  }
  return groups;
}
