import { registerOptimizer, setFallbackContainer } from '@flatmin/core/internal';
import { optimizerContainer } from './optimizers.js';

// So that tf.loadLayersModel finds the optimizer of a saved model. Sets no backend and builds nothing yet.
setFallbackContainer(optimizerContainer);
registerOptimizer();

export { aeLookSam, aeLookSamPlugin } from '@flatmin/ae-looksam';
export { aeSam, aeSamPlugin } from '@flatmin/ae-sam';
export { asam, asamPlugin } from '@flatmin/asam';
export {
  adamw,
  adamwPlugin,
  baseOptimizers,
  lamb,
  lambPlugin,
  lion,
  lionPlugin,
  muon,
  muonPlugin,
  scheduleFreeAdamw,
  scheduleFreeAdamwPlugin,
  scheduleFreeSgd,
  scheduleFreeSgdPlugin,
  sgdw,
  sgdwPlugin,
} from '@flatmin/base-optimizers';
export { bsam, bsamPlugin } from '@flatmin/bsam';
export {
  type Attachment,
  type BatchAccess,
  type CheckpointStorage,
  type Clock,
  type ContainerOptions,
  createContainer,
  declareMoments,
  type ErrorCode,
  errorCodes,
  FlatminContainer,
  FlatminError,
  inUnitOfData,
  isFlatminError,
  type Logger,
  type LossFunction,
  lossOfBatch,
  lossOfOutputs,
  type LossOfRows,
  lossRandom,
  type OptimizerContext,
  type BaseSpec,
  type DataSetSpec,
  type MetaSpec,
  type ModelSpec,
  type OptimizerSpec,
  type UncheckedSpec,
  type VariantSpec,
  type Problem,
  type RandomSource,
  RandomStream,
  SharpnessAwareOptimizer,
  type Spec,
  stepInput,
  type StepMetrics,
  type StoredFiles,
  type Supplies,
  type Supply,
  tokens,
  useContainer,
} from '@flatmin/core';
export { crSam, crSamPlugin } from '@flatmin/cr-sam';
export { digitsPlugin } from '@flatmin/dataset-digits';
export { mnist1dPlugin } from '@flatmin/dataset-mnist1d';
export { eigenSam, eigenSamPlugin } from '@flatmin/eigen-sam';
export { esam, esamPlugin } from '@flatmin/esam';
export { fisherSam, fisherSamPlugin } from '@flatmin/fisher-sam';
export { fsam, fsamPlugin } from '@flatmin/fsam';
export { functionalSam, functionalSamPlugin } from '@flatmin/functional-sam';
export { gam, gamPlugin } from '@flatmin/gam';
export { capture, type CapturedStep, type CaptureOptions } from '@flatmin/graph';
export { gsam, gsamPlugin } from '@flatmin/gsam';
export { leSam, leSamPlugin } from '@flatmin/le-sam';
export { lets, letsPlugin, validationBatches, type ValidationLoss } from '@flatmin/lets';
export { lightsam, lightSamPlugin } from '@flatmin/lightsam';
export {
  attach,
  batchLoss,
  type CompileOptions,
  declareAverages,
  dropoutLayer,
  layersModel,
  layersPlugin,
  modelLoss,
  rolesOfModel,
  withLabelSmoothing,
} from '@flatmin/model-layers';
export { looksam, lookSamPlugin } from '@flatmin/looksam';
export { mlpPlugin } from '@flatmin/model-mlp';
export { mlp1dCnnPlugin } from '@flatmin/model-mlp1d-cnn';
export { resnetPlugin } from '@flatmin/model-resnet';
export { textEncoderPlugin } from '@flatmin/model-text-encoder';
export { transformerPlugin } from '@flatmin/model-transformer';
export { vitPlugin } from '@flatmin/model-vit';
export { msam, msamPlugin } from '@flatmin/msam';
export { rst, rstPlugin } from '@flatmin/rst';
export { rwp, rwpPlugin } from '@flatmin/rwp';
export { sam, samPlugin } from '@flatmin/sam';
export { samOn, samOnPlugin } from '@flatmin/sam-on';
export { samSps, samSpsPlugin } from '@flatmin/sam-sps';
export { sampa, sampaPlugin } from '@flatmin/sampa';
export { ssam, ssamPlugin } from '@flatmin/ssam';
export { stableSam, stableSamPlugin } from '@flatmin/stable-sam';
export { tiltedSam, tiltedSamPlugin } from '@flatmin/tilted-sam';
export { train } from '@flatmin/training';
export { usam, usamPlugin } from '@flatmin/usam';
export { vasso, vassoPlugin } from '@flatmin/vasso';
export { wsam, wsamPlugin } from '@flatmin/wsam';
export { xsam, xsamPlugin } from '@flatmin/xsam';
export { zsharp, zsharpPlugin } from '@flatmin/zsharp';
export { compile } from './compile.js';
export { officialContainer, officialPlugins } from './official.js';
export { type CreateContext, createOptimizer } from './optimizers.js';
