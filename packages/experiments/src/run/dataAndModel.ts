import { type FlatminContainer, RandomStream, type Spec } from '@flatmin/core';
import { type DataSet, type Model, type ModelContext, taskOf } from '@flatmin/core/plugin';
import type * as tf from '@tensorflow/tfjs-core';

/** What decides the data and the model of a run. */
export interface DataAndModelSpecs {
  readonly dataset: Spec;
  readonly model: Spec;
  readonly seed: number;
}

/** The data set and the model of a run, as its first step finds them. The model is the caller's to dispose. */
export async function dataAndModel(
  specs: DataAndModelSpecs,
  container: FlatminContainer,
): Promise<{ readonly dataset: DataSet; readonly model: Model<tf.Tensor> }> {
  const dataset = await container.createDataSet(specs.dataset);
  return { dataset, model: await modelOf(specs, dataset, container) };
}

/** The model of a run for its data set. */
export function modelOf(
  { model, seed }: Omit<DataAndModelSpecs, 'dataset'>,
  dataset: DataSet,
  container: FlatminContainer,
): Promise<Model<tf.Tensor>> {
  return container.loadModel(model, { ...modelContext(dataset), random: new RandomStream(seed).at('model') });
}

/** What a model must fit. */
function modelContext(dataset: DataSet): Omit<ModelContext, 'random'> {
  const { inputShape, classes, vocabulary } = dataset;
  return {
    task: taskOf(dataset),
    inputShape,
    classes,
    ...(vocabulary && { vocabulary }),
    ...('targetVocabulary' in dataset && { targetVocabulary: dataset.targetVocabulary }),
  };
}
