import { createContainer, type FlatminContainer } from '@flatmin/core';
import type { Plugin } from '@flatmin/core/plugin';
import digits from '@flatmin/dataset-digits';
import mnist1d from '@flatmin/dataset-mnist1d';
import layers from '@flatmin/model-layers';
import mlp from '@flatmin/model-mlp';
import mlp1dCnn from '@flatmin/model-mlp1d-cnn';
import resnet from '@flatmin/model-resnet';
import textEncoder from '@flatmin/model-text-encoder';
import transformer from '@flatmin/model-transformer';
import vit from '@flatmin/model-vit';
import { optimizerPlugins } from './optimizers.js';

/**
 * Every official plugin that works in a page, besides TF.js's own optimizers; `flatmin/node` adds the data sets that
 * read files.
 */
export const officialPlugins: readonly Plugin[] = [
  ...optimizerPlugins,
  mnist1d,
  digits,
  mlp,
  mlp1dCnn,
  resnet,
  transformer,
  vit,
  textEncoder,
  layers,
];

let container: FlatminContainer | undefined;

/** The container with these plugins, built when first asked for. */
export function officialContainer(): FlatminContainer {
  container ??= createContainer({ plugins: officialPlugins });
  return container;
}
