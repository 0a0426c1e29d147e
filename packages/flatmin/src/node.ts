// What of flatmin needs Node: the data sets that read files. A page imports `flatmin` alone.
import { createContainer, type FlatminContainer } from '@flatmin/core';
import type { Plugin } from '@flatmin/core/plugin';
import brown from '@flatmin/dataset-brown';
import cifar from '@flatmin/dataset-cifar';
import cmudict from '@flatmin/dataset-cmudict';
import glue from '@flatmin/dataset-glue';
import idx from '@flatmin/dataset-idx';
import imageFolder from '@flatmin/dataset-image-folder';
import parallelText from '@flatmin/dataset-parallel-text';
import textTable from '@flatmin/dataset-text-table';
import { officialPlugins as pluginsOfPages } from './official.js';

/** Every official plugin: those of `flatmin`, and the data sets that read files. */
export const officialPlugins: readonly Plugin[] = [
  ...pluginsOfPages,
  idx,
  cifar,
  brown,
  parallelText,
  cmudict,
  glue,
  textTable,
  // Last of those that read folders: it takes any folder of folders.
  imageFolder,
];

let container: FlatminContainer | undefined;

/** The container with every official plugin, built when first asked for. */
export function officialContainer(): FlatminContainer {
  container ??= createContainer({ plugins: officialPlugins });
  return container;
}

export { brownPlugin } from '@flatmin/dataset-brown';
export { cifarPlugin } from '@flatmin/dataset-cifar';
export { cmudictPlugin } from '@flatmin/dataset-cmudict';
export { gluePlugin } from '@flatmin/dataset-glue';
export { idxPlugin } from '@flatmin/dataset-idx';
export { imageFolderPlugin } from '@flatmin/dataset-image-folder';
export { parallelTextPlugin } from '@flatmin/dataset-parallel-text';
export { textTablePlugin } from '@flatmin/dataset-text-table';
