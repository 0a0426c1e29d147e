// The umbrella beside its parts.
import { createContainer, createOptimizer, officialPlugins } from 'flatmin';
import linfSam from 'flatmin-linf-sam';
import { results, threeSteps } from './parts.js';

const container = createContainer({ plugins: [...officialPlugins, linfSam] });
const base = { use: 'sgd', learningRate: 0.1 };
const umbrella = {
  sam: threeSteps(() => createOptimizer({ use: 'sam', rho: 0.05, base })),
  lets: threeSteps((validationLoss) => {
    const inner = { use: 'linf-sam', rho: 0.01, base };
    return createOptimizer({ use: 'lets', preset: 'robust', inner }, { container, validationLoss });
  }),
};
console.log(JSON.stringify({ ...results, umbrella }));
