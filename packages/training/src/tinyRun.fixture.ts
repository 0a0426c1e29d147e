import { RandomStream, type ClassificationDataSet, type Model } from '@flatmin/core';
import { arrayDataSet, splitBySeed, table } from '@flatmin/data';
import * as tf from '@tensorflow/tfjs-core';

/** 60 points in the plane, three classes by angle, with some noise: learnt in a few epochs of a few milliseconds. */
export function tinyDataSet(): ClassificationDataSet {
  const random = new RandomStream(5);
  const noise = random.at('noise').normals(120);
  const labels = Int32Array.from({ length: 60 }, (_, i) => i % 3);
  const features = Float32Array.from({ length: 120 }, (_, i) => {
    const angle = (2 * Math.PI * (labels[i >> 1] as number)) / 3;
    return (i % 2 === 0 ? Math.cos(angle) : Math.sin(angle)) + 0.3 * (noise[i] as number);
  });
  const rows = table({ features, labels, inputShape: [2], classes: 3 });
  return arrayDataSet('tiny', splitBySeed(rows, { validation: 0.2, test: 0.2, seed: 1 }));
}

/** A network 2-8-3. */
export function tinyModel(): Model {
  const random = new RandomStream(0);
  const hidden = tf.tidy(() => tf.variable(random.at('hidden').normal([2, 8])));
  const output = tf.tidy(() => tf.variable(tf.mul(random.at('output').normal([8, 3]), 0.3)));
  return {
    description: 'a network 2-8-3',
    variables: [hidden, output],
    apply: (x) => tf.matMul(tf.relu(tf.matMul(x, hidden)), output),
    dispose: () => tf.dispose([hidden, output]),
  };
}
