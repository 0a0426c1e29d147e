// Run where flatmin-linf-sam has a copy of @flatmin/core of its own: the codes and messages of what is refused.
import { lets } from '@flatmin/lets';
import * as tf from '@tensorflow/tfjs';
import { createContainer, officialPlugins } from 'flatmin';
import linfSamPlugin, { linfSam } from 'flatmin-linf-sam';

function refusalOf(work) {
  try {
    work();
    return undefined;
  } catch ({ name, code, message }) {
    return { name, code, message };
  }
}

const foreign = linfSam({ rho: 0.01, base: tf.train.sgd(0.1) });
const container = refusalOf(() => createContainer({ plugins: [...officialPlugins, linfSamPlugin] }));
const inner = refusalOf(() => lets(foreign, { preset: 'robust', validationLoss: () => tf.scalar(1) }));
console.log(JSON.stringify({ container, inner }));
