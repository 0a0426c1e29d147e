import * as tf from '@tensorflow/tfjs-core';
import { stepInput } from './stepInput.js';

/** FNV-1a over UTF-16 code units: turns a label into a number. */
function hashLabel(label: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < label.length; i++) hash = Math.imul(hash ^ label.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** The finalizer of MurmurHash3: every input bit moves every output bit. */
function mix(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/**
 * A stream of random numbers that is a pure function of a seed and the path of labels below it. It has no state, so the
 * same call always gives the same numbers, on every backend, and nothing needs to be saved to resume. For other
 * numbers, go to another child: `stream.at('noise').at(step)`.
 *
 * Generator: sfc32 (Doty-Humphrey, PractRand), seeded by MurmurHash3's finalizer over the path.
 */
export class RandomStream {
  readonly #key: readonly [number, number];

  constructor(seed: number, key?: readonly [number, number]) {
    this.#key = key ?? [mix(seed), mix(Math.floor(seed / 2 ** 32) ^ 0x9e3779b9)];
  }

  /** The child stream of this label or index. */
  at(label: string | number): RandomStream {
    const value = typeof label === 'string' ? hashLabel(label) : label;
    const [a, b] = this.#key;
    const high = typeof label === 'string' ? 0x5bd1e995 : Math.floor(label / 2 ** 32);
    const first = mix(a ^ Math.imul(value | 0, 0x9e3779b1) ^ high);
    return new RandomStream(0, [first, mix(b ^ first ^ Math.imul((value + 0x7f4a7c15) | 0, 0x85ebca77))]);
  }

  /** A function that returns the next number in [0, 1) each time, from the start of this stream; 53 random bits. */
  generator(): () => number {
    let [a, b] = this.#key as [number, number];
    let c = 0x2545f491;
    let counter = 1;
    const next = (): number => {
      const sum = (a + b + counter++) | 0;
      a = b ^ (b >>> 9);
      b = (c + (c << 3)) | 0;
      c = ((c << 21) | (c >>> 11)) + sum;
      return sum >>> 0;
    };
    for (let i = 0; i < 12; i++) next();
    return () => ((next() >>> 5) * 2 ** 26 + (next() >>> 6)) / 2 ** 53;
  }

  /** `count` numbers uniform in [0, 1). */
  uniforms(count: number): Float64Array {
    return Float64Array.from({ length: count }, this.generator());
  }

  /** `count` standard normal numbers (Box-Muller). */
  normals(count: number): Float64Array {
    const uniform = this.generator();
    const values = new Float64Array(count);
    for (let i = 0; i < count; i += 2) {
      const length = Math.sqrt(-2 * Math.log(1 - uniform()));
      const angle = 2 * Math.PI * uniform();
      values[i] = length * Math.cos(angle);
      if (i + 1 < count) values[i + 1] = length * Math.sin(angle);
    }
    return values;
  }

  /** The numbers 0 to `size - 1` in random order (Fisher-Yates). */
  permutation(size: number): Uint32Array {
    const uniform = this.generator();
    const order = Uint32Array.from({ length: size }, (_, i) => i);
    for (let i = size - 1; i > 0; i--) {
      const j = Math.floor(uniform() * (i + 1));
      const swapped = order[i] as number;
      order[i] = order[j] as number;
      order[j] = swapped;
    }
    return order;
  }

  /** A float32 tensor of numbers uniform in [0, 1). */
  uniform(shape: readonly number[]): tf.Tensor {
    return this.#tensor(shape, (size) => this.uniforms(size));
  }

  /** A float32 tensor of standard normal numbers. */
  normal(shape: readonly number[]): tf.Tensor {
    return this.#tensor(shape, (size) => this.normals(size));
  }

  #tensor(shape: readonly number[], draw: (size: number) => Float64Array): tf.Tensor {
    const size = tf.util.sizeFromShape([...shape]);
    return stepInput(() => [tf.tensor(Float32Array.from(draw(size)), [...shape], 'float32')])[0];
  }
}

/** The stream that `now` gives whenever numbers are drawn: a step that is replayed draws those of its own index. */
export class LiveStream extends RandomStream {
  readonly #now: () => RandomStream;

  constructor(now: () => RandomStream) {
    super(0);
    this.#now = now;
  }

  override at(label: string | number): RandomStream {
    return new LiveStream(() => this.#now().at(label));
  }

  override generator(): () => number {
    return this.#now().generator();
  }
}
