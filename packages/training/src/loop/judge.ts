import type { PartName } from '@flatmin/data';
import { judgePart } from '../metrics/judgePart.js';
import { evaluateDefaults } from '../settings/evaluation.js';
import type { Metrics } from '../tasks/task.js';
import { announce, type Phase, type PhaseEvent } from './callbacks.js';
import type { TrainOptions } from './options.js';

/** What an evaluation found, by part. */
export type Judged = Partial<Record<PartName, Metrics>>;

/** Where a run is when it is judged. */
interface Moment {
  readonly epoch: number;
  readonly step: number;
}

/** Says what is judged, and lets others have a turn. */
export type Tell = (event: Omit<PhaseEvent, 'step' | 'totalSteps'>) => Promise<void>;

/** Judges the model of a run by the parts that were asked for. */
export class Judge {
  readonly parts: readonly PartName[];
  readonly #options: TrainOptions;
  readonly #tell: Tell;

  /** @param tell announces what is judged, as it goes. */
  constructor(options: TrainOptions, tell: Tell) {
    const { dataset, evaluate: asked } = options;
    const parts = asked?.parts ?? evaluateDefaults.parts;
    this.#options = options;
    this.#tell = tell;
    this.parts = parts.filter((part) => dataset[part].size > 0);
  }

  /** Whether the end of this epoch is judged. */
  endsWith(epoch: number): boolean {
    const { epochs, evaluate: { every = evaluateDefaults.every } = {} } = this.#options;
    return epoch % every === 0 || epoch === epochs;
  }

  /** Whether a step within an epoch is. */
  stopsAt(step: number): boolean {
    const { everySteps } = this.#options.evaluate ?? {};
    return everySteps !== undefined && step % everySteps === 0;
  }

  /** @param ends whether an epoch ends here: then targets are generated, where that was asked for. */
  async judge(moment: Moment, ends: boolean): Promise<Judged> {
    const { callbacks = [] } = this.#options;
    const judged: Judged = {};
    for (const part of this.parts) {
      const found = await judgePart(this.#options, part, ends, (...of) => this.#progressOf(...of));
      judged[part] = found;
      await announce(callbacks, 'onEvaluation', { ...moment, part, ...found });
    }
    return judged;
  }

  async #progressOf(phase: Phase, part: PartName): Promise<(done: number) => Promise<void>> {
    const total = this.#options.dataset[part].size;
    await this.#tell({ phase, part, done: 0, total });
    return (done) => this.#tell({ phase, part, done, total });
  }
}
