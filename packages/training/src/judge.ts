import { taskOf } from '@flatmin/core';
import { announce, type PartName } from './callbacks.js';
import { evaluate } from './evaluate.js';
import type { TrainOptions } from './options.js';
import type { Pace } from './pace.js';
import type { Metrics } from './tasks/methods.js';

/** What an evaluation found, by part. */
export type Judged = Partial<Record<PartName, Metrics>>;

/** Where a run is when it is judged. */
interface Moment {
  readonly epoch: number;
  readonly step: number;
}

/** Judges the model of a run by the parts that were asked for. */
export class Judge {
  readonly parts: readonly PartName[];
  readonly #options: TrainOptions;
  readonly #pace: Pace;

  constructor(options: TrainOptions, pace: Pace) {
    const { dataset, evaluate: asked } = options;
    const parts = asked?.parts ?? (['train', 'validation', 'test'] as const);
    this.#options = options;
    this.#pace = pace;
    this.parts = parts.filter((part) => dataset[part].size > 0);
  }

  /** Whether the end of this epoch is judged. */
  endsWith(epoch: number): boolean {
    const { epochs, evaluate: { every = 1 } = {} } = this.#options;
    return epoch % every === 0 || epoch === epochs;
  }

  /** Whether a step within an epoch is. */
  stopsAt(step: number): boolean {
    const { everySteps } = this.#options.evaluate ?? {};
    return everySteps !== undefined && step % everySteps === 0;
  }

  async judge(moment: Moment): Promise<Judged> {
    const { dataset, model, callbacks = [], evaluate: asked = {} } = this.#options;
    const scores = 'scores' in dataset ? dataset.scores : undefined;
    const settings = { batchSize: asked.batchSize ?? 500, task: taskOf(dataset), scores };
    const judged: Judged = {};
    for (const part of this.parts) {
      const found = await evaluate(model, dataset[part], settings);
      judged[part] = found;
      await announce(callbacks, 'onEvaluation', { ...moment, part, ...found });
      await this.#pace.giveTurn();
    }
    return judged;
  }
}
