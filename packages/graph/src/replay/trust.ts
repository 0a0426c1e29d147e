/** How far a path of a graph is trusted to do what the code does, and when it has to be shown again. */
export class Trust {
  /**
   * Steps in a row that are checked after a path is new, or was found to have changed: it alternates or counts, if it
   * does, in these.
   */
  static readonly probation = 16;
  /** Steps after which it is checked whatever happened. */
  static readonly interval = 50;

  #checksLeft = Trust.probation;
  #stepsSince = 0;
  #round: number;
  #hasChanged = false;
  #isRestless = false;

  /** @param round how often anybody asked for checks until now. */
  constructor(round: number) {
    this.#round = round;
  }

  isDue(round: number): boolean {
    if (round !== this.#round || this.#stepsSince >= Trust.interval) return true;
    return this.#stepsSince > 0 && (this.#isRestless || this.#checksLeft > 0);
  }

  /** After a check. What changes again while it is watched is asked for at each step from then on. */
  checked(round: number, hasChanged: boolean): void {
    this.#isRestless ||= hasChanged && this.#hasChanged && this.#checksLeft > 0;
    this.#hasChanged ||= hasChanged;
    this.#checksLeft = hasChanged ? Trust.probation : Math.max(0, this.#checksLeft - 1);
    this.#round = round;
    this.#stepsSince = 0;
  }

  used(): void {
    this.#stepsSince++;
  }
}
