import { type DataSet, taskOf } from '@flatmin/core/plugin';
import { announce, type PartName, type Phase, type PhaseEvent } from './callbacks.js';
import { evaluate, type JudgeOptions } from '../metrics/evaluate.js';
import { judgeGenerated } from '../metrics/generated.js';
import type { TrainOptions } from './options.js';
import type { Metrics } from '../tasks/methods.js';

/** Sources for which targets are generated at a time: a search holds several hypotheses of each. */
const generatedAtOnce = 128;

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
    const parts = asked?.parts ?? (['train', 'validation', 'test'] as const);
    this.#options = options;
    this.#tell = tell;
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

/** Hears of the phases of a judgement, and of the examples that are done of each. */
export type ProgressOf = (phase: Phase, part: PartName) => Promise<(done: number) => Promise<void>>;

/**
 * How the model of a run does on a part of its data, as the run judges it.
 *
 * @param ends whether as at the end of an epoch: then targets are generated, where that was asked for.
 */
export async function judgePart(
  { dataset, model, evaluate: asked = {} }: Pick<TrainOptions, 'dataset' | 'model' | 'evaluate'>,
  name: PartName,
  ends: boolean,
  progressOf?: ProgressOf,
): Promise<Metrics> {
  const { batchSize = 500 } = asked;
  const onProgress = await progressOf?.('evaluating', name);
  const found = await evaluate(model, dataset[name], { batchSize, ...judgeOptionsOf(dataset), onProgress });
  if (!ends || !asked.generate?.includes(name) || model.generate === undefined) return found;
  const generate = model.generate.bind(model);
  const onSources = await progressOf?.('generating', name);
  return { ...found, scores: { ...(await judgeGenerated(generate, dataset[name], generatedAtOnce, onSources)) } };
}

/** How the answers for a data set are judged. */
export function judgeOptionsOf(dataset: DataSet): Pick<JudgeOptions, 'task' | 'targetScale' | 'scores'> {
  return {
    task: taskOf(dataset),
    targetScale: 'targetScale' in dataset ? dataset.targetScale : undefined,
    scores: 'scores' in dataset ? dataset.scores : undefined,
  };
}
