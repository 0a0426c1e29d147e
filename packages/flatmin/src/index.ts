import { registerOptimizer, setFallbackContainer } from '@flatmin/core';
import { officialContainer } from './official.js';

// So that tf.loadLayersModel finds the optimizer of a saved model. Sets no backend and builds nothing yet.
setFallbackContainer(officialContainer);
registerOptimizer();

export { asam, asamPlugin } from '@flatmin/asam';
export * from '@flatmin/core';
export { digitsPlugin } from '@flatmin/dataset-digits';
export { mnist1dPlugin } from '@flatmin/dataset-mnist1d';
export { lets, letsPlugin, validationBatches, type ValidationLoss } from '@flatmin/lets';
export { attach, batchLoss, type CompileOptions, modelLoss, rolesOfModel } from '@flatmin/model-layers';
export { mlpPlugin } from '@flatmin/model-mlp';
export { msam, msamPlugin } from '@flatmin/msam';
export { rst, rstPlugin } from '@flatmin/rst';
export { sam, samPlugin } from '@flatmin/sam';
export { train } from '@flatmin/training';
export { compile } from './layers.js';
export { createOptimizer, officialContainer, officialPlugins } from './official.js';
