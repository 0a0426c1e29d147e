// What a SAM step adds to its two gradient evaluations, in one run and interleaved:
// `node tools/bench/samStep.mjs [rounds]`; what the parts of ESAM save of a SAM step:
// `node tools/bench/samStep.mjs 60 esam [batch]`. ratio = (SAM step - base update) / (2 x one gradient evaluation),
// medians; the target on this model is 1.15.
import { loadBackend } from '@flatmin/backend';
import { asam } from '@flatmin/asam';
import { lossOfBatch } from '@flatmin/core';
import { esam } from '@flatmin/esam';
import { lets } from '@flatmin/lets';
import { sam } from '@flatmin/sam';

const { tf, name } = await loadBackend();
const sizes = [784, 512, 512, 10];
const batch = Number(process.argv[4] ?? 128);
const rounds = Number(process.argv[2] ?? 60);
const savings = process.argv[3] === 'esam';

const variables = sizes
  .slice(1)
  .flatMap((width, i) => [
    tf.variable(tf.randomNormal([sizes[i], width], 0, Math.sqrt(2 / sizes[i])), true, `bench/dense${i}/kernel`),
    tf.variable(tf.zeros([width]), true, `bench/dense${i}/bias`),
  ]);
const x = tf.randomNormal([batch, sizes[0]]);
const y = tf.oneHot(tf.randomUniform([batch], 0, 10, 'int32'), 10).toFloat();
/** @returns {import('@tensorflow/tfjs').Tensor1D} */
const perExample = (inputs, targets) => {
  let h = inputs;
  for (let i = 0; i < variables.length; i += 2) {
    h = tf.add(tf.matMul(h, variables[i]), variables[i + 1]);
    if (i + 2 < variables.length) h = tf.relu(h);
  }
  return tf.losses.softmaxCrossEntropy(targets, h, 1, 0, tf.Reduction.NONE);
};
const loss = lossOfBatch(perExample, x, y);

/** Waits for the result, as training does at its logging interval. */
const settle = (tensor) => tensor.dataSync();
const gradient = () =>
  tf
    .tidy(() => {
      const { value, grads } = tf.variableGrads(loss, variables);
      settle(value);
      return Object.values(grads).map((grad) => grad.clone());
    })
    .forEach((grad) => grad.dispose());

const base = () => tf.train.sgd(1e-4);
const held = tf.tidy(() =>
  Object.entries(tf.variableGrads(loss, variables).grads).map(([key, tensor]) => ({
    name: key,
    tensor: tf.keep(tensor.clone()),
  })),
);
const updater = base();
const esams = {
  sam: sam({ rho: 0.05, base: base() }),
  'beta 0.6': esam({ beta: 0.6, base: base() }),
  'beta 0.5': esam({ beta: 0.5, base: base() }),
  'gamma 0.5': esam({ gamma: 0.5, base: base() }),
  'both 0.6 0.5': esam({ beta: 0.6, gamma: 0.5, base: base() }),
  'both 0.5 0.5': esam({ beta: 0.5, gamma: 0.5, base: base() }),
};
const sams = {
  sam: sam({ rho: 0.05, base: base() }),
  asam: asam({ rho: 0.5, base: base() }),
  'lets robust': lets(sam({ rho: 0.05, base: base() }), { preset: 'robust', validationLoss: loss }),
  'lets paper': lets(sam({ rho: 0.05, base: base() }), { validationLoss: loss }),
};
const optimizers = savings ? esams : sams;
const evaluations = savings ? {} : { sam: 2, asam: 2, 'lets robust': 3, 'lets paper': 4 };
const subjects = {
  gradient,
  ...(savings && { forward: () => settle(tf.tidy(loss)) }),
  update: () => {
    updater.applyGradients(held);
    settle(variables[1]);
  },
  ...Object.fromEntries(
    Object.entries(optimizers).map(([key, optimizer]) => [
      key,
      () => {
        const cost = optimizer.minimize(loss, true, variables);
        settle(cost);
        cost?.dispose();
      },
    ]),
  ),
};

const times = Object.fromEntries(Object.keys(subjects).map((key) => [key, /** @type {number[]} */ ([])]));
for (let round = -5; round < rounds; round++) {
  for (const [key, run] of Object.entries(subjects)) {
    const start = performance.now();
    run();
    if (round >= 0) times[key].push(performance.now() - start);
  }
}
const quantile = (values, q) => [...values].sort((a, b) => a - b)[Math.floor(q * (values.length - 1))];
const median = (key) => quantile(times[key], 0.5);
console.log(
  `MLP ${sizes.join('-')}, batch ${batch}, backend ${name}, ${rounds} interleaved rounds, medians (10 % .. 90 %)`,
);
for (const key of Object.keys(subjects)) {
  const spread = `(${quantile(times[key], 0.1).toFixed(2)} .. ${quantile(times[key], 0.9).toFixed(2)})`;
  const floor = evaluations[key] && evaluations[key] * median('gradient');
  const ratio = floor
    ? `  ${((median(key) - median('update')) / floor).toFixed(3)} x its ${evaluations[key]} gradient evaluations`
    : savings && key in optimizers
      ? `  ${(median(key) / median('sam')).toFixed(3)} x SAM`
      : '';
  console.log(`${key.padEnd(12)} ${median(key).toFixed(2).padStart(7)} ms ${spread.padEnd(18)}${ratio}`);
}
