// What esm/train.js does, for code that says `require`.
const { lets } = require('@flatmin/lets');
const { sam } = require('@flatmin/sam');
const tf = require('@tensorflow/tfjs');
const { createContainer, createOptimizer, officialPlugins } = require('flatmin');
const { default: linfSamPlugin, linfSam } = require('flatmin-linf-sam');

const x = tf.tensor2d([0.5, -1, 2, 1.5, 0.25, -0.75, -2, 1, 0.125], [3, 3]);
const y = tf.tensor2d([1, -2, 0.5], [3, 1]);

function threeSteps(create) {
  const weights = tf.variable(tf.zeros([3, 1]));
  const loss = () => tf.losses.meanSquaredError(y, x.matMul(weights));
  const optimizer = create(loss);
  return [1, 2, 3].map(() => {
    optimizer.minimize(loss);
    return { loss: optimizer.lastStep.loss, radius: optimizer.radius };
  });
}

const container = createContainer({ plugins: [...officialPlugins, linfSamPlugin] });
const base = { use: 'sgd', learningRate: 0.1 };
const results = {
  sam: threeSteps(() => sam({ rho: 0.05, base: tf.train.sgd(0.1) })),
  lets: threeSteps((validationLoss) =>
    lets(linfSam({ rho: 0.01, base: tf.train.sgd(0.1) }), { preset: 'robust', validationLoss }),
  ),
  umbrella: {
    sam: threeSteps(() => createOptimizer({ use: 'sam', rho: 0.05, base })),
    lets: threeSteps((validationLoss) => {
      const inner = { use: 'linf-sam', rho: 0.01, base };
      return createOptimizer({ use: 'lets', preset: 'robust', inner }, { container, validationLoss });
    }),
  },
};
console.log(JSON.stringify(results));
