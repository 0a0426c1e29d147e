import { registerOptimizer, setFallbackContainer } from '@flatmin/core';
import { officialContainer } from './official.js';

// So that tf.loadLayersModel finds the optimizer of a saved model. Sets no backend and builds nothing yet.
setFallbackContainer(officialContainer);
registerOptimizer();

export { aeLookSam, aeLookSamPlugin } from '@flatmin/ae-looksam';
export { aeSam, aeSamPlugin } from '@flatmin/ae-sam';
export { asam, asamPlugin } from '@flatmin/asam';
export { bsam, bsamPlugin } from '@flatmin/bsam';
export * from '@flatmin/core';
export { cifarPlugin } from '@flatmin/dataset-cifar';
export { digitsPlugin } from '@flatmin/dataset-digits';
export { idxPlugin } from '@flatmin/dataset-idx';
export { mnist1dPlugin } from '@flatmin/dataset-mnist1d';
export { esam, esamPlugin } from '@flatmin/esam';
export { fisherSam, fisherSamPlugin } from '@flatmin/fisher-sam';
export { fsam, fsamPlugin } from '@flatmin/fsam';
export { gam, gamPlugin } from '@flatmin/gam';
export { gsam, gsamPlugin } from '@flatmin/gsam';
export { leSam, leSamPlugin } from '@flatmin/le-sam';
export { lets, letsPlugin, validationBatches, type ValidationLoss } from '@flatmin/lets';
export { lightsam, lightSamPlugin } from '@flatmin/lightsam';
export { attach, batchLoss, type CompileOptions, modelLoss, rolesOfModel } from '@flatmin/model-layers';
export { looksam, lookSamPlugin } from '@flatmin/looksam';
export { mlpPlugin } from '@flatmin/model-mlp';
export { msam, msamPlugin } from '@flatmin/msam';
export { rst, rstPlugin } from '@flatmin/rst';
export { sam, samPlugin } from '@flatmin/sam';
export { samOn, samOnPlugin } from '@flatmin/sam-on';
export { ssam, ssamPlugin } from '@flatmin/ssam';
export { stableSam, stableSamPlugin } from '@flatmin/stable-sam';
export { train } from '@flatmin/training';
export { usam, usamPlugin } from '@flatmin/usam';
export { vasso, vassoPlugin } from '@flatmin/vasso';
export { wsam, wsamPlugin } from '@flatmin/wsam';
export { compile } from './layers.js';
export { createOptimizer, officialContainer, officialPlugins } from './official.js';
