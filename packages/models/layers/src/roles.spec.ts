import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs';
import { twoHeaded } from './models.fixture.js';
import { rolesOfModel } from './roles.js';

/** The roles of a model's weights, in the order of `model.weights`. */
function rolesInOrder(model: tf.LayersModel): (string | undefined)[] {
  const roles = rolesOfModel(model);
  return model.weights.map((weight) => roles[weight.name]);
}

describe('rolesOfModel', () => {
  it('tells roles by layer class where names and shapes do not', () => {
    const model = tf.sequential({
      layers: [
        tf.layers.embedding({ inputDim: 5, outputDim: 4, inputLength: 6 }),
        tf.layers.layerNormalization({}),
        tf.layers.prelu({}),
      ],
    });
    // embeddings; gamma, beta; alpha, which by its shape [6, 4] would be a kernel.
    expect(rolesInOrder(model)).toEqual(['embedding', 'normalization', 'normalization', 'other']);
  });

  it('looks into nested models, wrappers and recurrent layers', () => {
    const inner = tf.sequential({ layers: [tf.layers.dense({ units: 3, inputShape: [4, 2] }), tf.layers.prelu({})] });
    const cell = tf.layers.lstm({ units: 2, returnSequences: true });
    const model = tf.sequential({
      layers: [
        inner,
        tf.layers.bidirectional({ layer: cell, mergeMode: 'concat' }),
        tf.layers.timeDistributed({ layer: tf.layers.batchNormalization({}) }),
      ],
    });
    const lstm = ['kernel', 'kernel', 'bias'];
    expect(rolesInOrder(model)).toEqual([
      ...['kernel', 'bias', 'other'],
      ...[...lstm, ...lstm],
      ...['normalization', 'normalization'],
      ...['normalization', 'normalization'], // The moving averages, which are not trained.
    ]);
  });

  it('knows the variables by the names they have at run time', () => {
    const [first, second] = [twoHeaded(), twoHeaded()];
    const names = (model: tf.LayersModel) =>
      model.trainableWeights.map((weight) => (weight.read() as tf.Variable).name);
    expect(Object.keys(rolesOfModel(second))).toEqual(expect.arrayContaining(names(second)));
    expect(names(first)).not.toEqual(names(second));
  });
});
