import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Outputs } from './outputs.js';
import { outputLayer, type Topology } from './topology.js';

/**
 * A model as TF.js saves it, with the activation at its end that it was trained for: it gives probabilities, or
 * numbers.
 */
export async function artifactsOf(model: LayersModel, outputs: Outputs): Promise<tf.io.ModelArtifacts> {
  let saved: tf.io.ModelArtifacts | undefined;
  await model.save(
    tf.io.withSaveHandler((artifacts) => {
      saved = artifacts;
      return Promise.resolve({ modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } });
    }),
  );
  const { modelTopology, ...others } = saved as tf.io.ModelArtifacts;
  const topology = JSON.parse(JSON.stringify(modelTopology)) as Topology;
  const activation = { probabilities: 'softmax', probability: 'sigmoid', logits: 'linear', numbers: 'linear' }[outputs];
  const last = outputLayer(topology);
  if (last !== undefined && activation !== 'linear') last.config['activation'] = activation;
  return { ...others, modelTopology: topology };
}
