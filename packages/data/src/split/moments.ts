/**
 * Mean and deviation of numbers that come one by one, in float64 by Welford's update, so that a small deviation next to
 * a large mean is not lost. Round to float32 only after standardizing, never before.
 */
export class Moments {
  #count = 0;
  #mean = 0;
  #squares = 0;
  #least = Infinity;
  #greatest = -Infinity;

  add(value: number): void {
    this.#count += 1;
    const difference = value - this.#mean;
    this.#mean += difference / this.#count;
    this.#squares += difference * (value - this.#mean);
    if (value < this.#least) this.#least = value;
    if (value > this.#greatest) this.#greatest = value;
  }

  get count(): number {
    return this.#count;
  }

  /** NaN of no numbers, as the deviation. */
  get mean(): number {
    return this.#count === 0 ? NaN : this.#mean;
  }

  /** Of these numbers and no others: the root of the mean squared difference from their mean. */
  get deviation(): number {
    return Math.sqrt(this.#squares / this.#count);
  }

  get least(): number {
    return this.#least;
  }

  get greatest(): number {
    return this.#greatest;
  }
}
