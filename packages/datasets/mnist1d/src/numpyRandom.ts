const stateSize = 624;

/**
 * The numbers that numpy's `np.random.seed(seed)` gives: the published arrays were drawn from it, so equal arrays need
 * equal numbers. Generator: MT19937 (Matsumoto & Nishimura 1998); transforms: numpy's frozen legacy `RandomState`.
 */
export class NumpyRandom {
  readonly #state = new Uint32Array(stateSize);
  #next = stateSize;
  #cachedNormal: number | undefined;

  constructor(seed: number) {
    this.#state[0] = seed;
    for (let i = 1; i < stateSize; i++) {
      const previous = this.#word(i - 1);
      this.#state[i] = Math.imul(1812433253, previous ^ (previous >>> 30)) + i;
    }
  }

  /** A 32-bit unsigned integer. */
  bits(): number {
    if (this.#next === stateSize) this.#refill();
    let y = this.#word(this.#next++);
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  }

  /** `np.random.rand()`: uniform in [0, 1), 53 random bits. */
  uniform(): number {
    const high = this.bits() >>> 5;
    const low = this.bits() >>> 6;
    return (high * 2 ** 26 + low) / 2 ** 53;
  }

  /** `np.random.randn()`: standard normal by the polar Box-Muller method; of each pair the second comes first. */
  normal(): number {
    if (this.#cachedNormal !== undefined) {
      const cached = this.#cachedNormal;
      this.#cachedNormal = undefined;
      return cached;
    }
    let x1: number, x2: number, squared: number;
    do {
      x1 = 2 * this.uniform() - 1;
      x2 = 2 * this.uniform() - 1;
      squared = x1 * x1 + x2 * x2;
    } while (squared >= 1 || squared === 0);
    const factor = Math.sqrt((-2 * Math.log(squared)) / squared);
    this.#cachedNormal = factor * x1;
    return factor * x2;
  }

  /** `np.random.randint(0, bound)`: uniform in [0, bound), by rejection under the smallest bit mask. */
  integer(bound: number): number {
    const largest = bound - 1;
    const mask = 2 ** (32 - Math.clz32(largest)) - 1;
    let value: number;
    do value = (this.bits() & mask) >>> 0;
    while (value > largest);
    return value;
  }

  /** `np.random.permutation(size)`. */
  permutation(size: number): Uint32Array {
    const order = Uint32Array.from({ length: size }, (_, i) => i);
    for (let i = size - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      const swapped = order[i] as number;
      order[i] = order[j] as number;
      order[j] = swapped;
    }
    return order;
  }

  #word(index: number): number {
    return this.#state[index] as number;
  }

  #refill(): void {
    for (let i = 0; i < stateSize; i++) {
      const y = (this.#word(i) & 0x80000000) | (this.#word((i + 1) % stateSize) & 0x7fffffff);
      this.#state[i] = this.#word((i + 397) % stateSize) ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
    }
    this.#next = 0;
  }
}
