import { type DataSet, taskOf } from '@flatmin/core/plugin';
import type { PartName } from '@flatmin/data';
import type { EvaluateOptions } from '../settings/evaluation.js';
import type { AnyModel, Metrics } from '../tasks/task.js';
import { evaluate, type JudgeOptions } from './evaluate.js';
import { judgeGenerated } from './generated.js';

/** Sources for which targets are generated at a time: a search holds several hypotheses of each. */
const generatedAtOnce = 128;

/** Hears of the phases of a judgement, and of the examples that are done of each. */
export type ProgressOf = (
  phase: 'evaluating' | 'generating',
  part: PartName,
) => Promise<(done: number) => Promise<void>>;

/** What is judged: the model of a run on its data, as its settings say. */
export interface JudgedRun {
  readonly dataset: DataSet;
  readonly model: AnyModel;
  readonly evaluate?: EvaluateOptions | undefined;
}

/**
 * How the model of a run does on a part of its data, as the run judges it.
 *
 * @param ends whether as at the end of an epoch: then targets are generated, where that was asked for.
 */
export async function judgePart(
  { dataset, model, evaluate: asked = {} }: JudgedRun,
  name: PartName,
  ends: boolean,
  progressOf?: ProgressOf,
): Promise<Metrics> {
  const onProgress = await progressOf?.('evaluating', name);
  const found = await evaluate(model, dataset[name], {
    batchSize: asked.batchSize,
    ...judgeOptionsOf(dataset),
    onProgress,
  });
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
