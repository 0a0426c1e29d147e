import * as tf from '@tensorflow/tfjs-core';

/** Milliseconds of work after which the page is drawn and hears its user. */
const workBetweenFrames = 10;

/** Lets runs step one after the other, so that the time of a step is its own, and the page live in between. */
export class Turns {
  #turn: Promise<void> = Promise.resolve();
  #open: Promise<void> = Promise.resolve();
  #resume: (() => void) | undefined;
  #frame = performance.now();

  /** Resolves when it is the caller's turn, which lasts until it calls what this gives. */
  async take(): Promise<() => void> {
    const before = this.#turn;
    let release = (): void => undefined;
    this.#turn = new Promise((resolve) => (release = resolve));
    await before;
    await this.#open;
    if (performance.now() - this.#frame > workBetweenFrames) {
      await tf.nextFrame();
      this.#frame = performance.now();
    }
    return release;
  }

  pause(): void {
    if (this.#resume === undefined) this.#open = new Promise((resolve) => (this.#resume = resolve));
  }

  resume(): void {
    this.#resume?.();
    this.#resume = undefined;
  }
}
