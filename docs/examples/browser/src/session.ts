import { checkSettings, Run, type RunSettings, type Watcher } from './run.js';
import { Turns } from './turns.js';

/** Runs that train at the same time, a step each in turn. */
export class Session {
  readonly #abort = new AbortController();
  readonly #turns = new Turns();
  readonly #runs: readonly Run[];
  /** Resolves when all have ended. */
  readonly ended: Promise<unknown>;

  constructor(settings: readonly RunSettings[], watchers: readonly Watcher[]) {
    settings.forEach(checkSettings);
    this.#runs = settings.map((each) => new Run(each, this.#turns));
    this.ended = Promise.all(this.#runs.map((run, i) => run.train(watchers[i]!, this.#abort.signal)));
  }

  pause(): void {
    this.#turns.pause();
  }

  resume(): void {
    this.#turns.resume();
  }

  setRadius(run: number, radius: number): void {
    this.#runs[run]!.radius = radius;
  }

  setLearningRate(learningRate: number): void {
    for (const run of this.#runs) run.learningRate = learningRate;
  }

  /** Stops all runs, each after the step it is at. */
  async stop(): Promise<void> {
    this.#abort.abort();
    this.#turns.resume();
    await this.ended;
  }
}
