import { checkSettings, Run, type RunSettings, type Watcher } from './run.js';
import { Turns } from './turns.js';

/** Runs that train at the same time, a step each in turn. */
export class Session {
  readonly #abort = new AbortController();
  readonly #turns: Turns;
  readonly #runs: readonly Run[];
  /** Resolves when all have ended. */
  readonly ended: Promise<unknown>;

  private constructor(runs: readonly Run[], turns: Turns, watchers: readonly Watcher[]) {
    this.#runs = runs;
    this.#turns = turns;
    this.ended = Promise.all(runs.map((run, i) => run.train(watchers[i]!, this.#abort.signal)));
  }

  /** Makes the runs, and begins. */
  static async begin(settings: readonly RunSettings[], watchers: readonly Watcher[]): Promise<Session> {
    settings.forEach(checkSettings);
    const turns = new Turns();
    return new Session(await Promise.all(settings.map((each) => Run.open(each, turns))), turns, watchers);
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
