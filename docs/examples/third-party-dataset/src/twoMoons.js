import { RandomStream } from '@flatmin/core';
import { table, tableDataSet } from '@flatmin/data';

/** `count` points, half of each class by turns; the angle and the noise of point i depend on the stream and i alone. */
function moons(count, noise, random) {
  const angles = random.at('angle').uniforms(count);
  const shifts = random.at('noise').normals(2 * count);
  const features = new Float32Array(2 * count);
  const labels = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    const [label, angle] = [i % 2, Math.PI * angles[i]];
    const [x, y] = [Math.cos(angle), Math.sin(angle)];
    features[2 * i] = (label === 0 ? x : 1 - x) + noise * shifts[2 * i];
    features[2 * i + 1] = (label === 0 ? y : 0.5 - y) + noise * shifts[2 * i + 1];
    labels[i] = label;
  }
  return table({ features, labels, inputShape: [2], classes: 2 });
}

/**
 * Two interleaving half circles: x float32 [batch, 2], y int32 [batch], two classes.
 *
 *     class 0: (cos a, sin a) + noise n,   class 1: (1 - cos a, 1/2 - sin a) + noise n,   a uniform in [0, pi), n standard normal
 *
 * Nothing is downloaded: the points are a function of `seed`, on every backend and machine. Validation is held out of the training
 * points by the same seed; test points are drawn on their own.
 *
 * @param options.train, options.test number of points; default 1000 each.
 * @param options.noise deviation of the noise; default 0.1.
 * @param options.validation, options.seed, options.labelNoise as in all data sets with a test part of their own: see `@flatmin/data`.
 */
export function twoMoons({ noise = 0.1, seed = 0, test = 1000, train = 1000, ...choice } = {}) {
  const random = new RandomStream(seed).at('two-moons');
  return tableDataSet({
    id: 'two-moons',
    train: moons(train, noise, random.at('train')),
    test: moons(test, noise, random.at('test')),
    choice: { ...choice, seed },
  });
}
