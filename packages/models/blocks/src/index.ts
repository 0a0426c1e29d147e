export {
  attended,
  type AttentionShape,
  causalMask,
  type CrossAttention,
  crossAttention,
  type KeysAndValues,
  paddingMask,
  selfAttention,
  type SelfAttentionOptions,
  type Sequences,
  type SharesOptions,
} from './attention.js';
export { batchNorm } from './batchNorm.js';
export { checkContext, type ImageShape, imageShape, requireConvolutions } from './checks.js';
export { classifier, type ClassifierParts } from './classifier.js';
export { chain, convolution, type ConvolutionShape, type ImageLayer, padded, relu } from './convolution.js';
export { type Dropout, dropout } from './dropout.js';
export { embedding, type Embedding, type EmbeddingShape } from './embedding.js';
export { gelu } from './gelu.js';
export { constant, heNormal, normal, truncatedNormal, uniformOf, xavierUniform } from './initializers.js';
export { layerNorm } from './layerNorm.js';
export { linear, type LinearShape } from './linear.js';
export { freeScope, type Initializer, type Weights, weightsOf, type WeightsPlace } from './weights.js';
