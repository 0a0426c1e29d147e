export {
  imageFolder,
  type ImageFolderOptions,
  imageFolderPlugin,
  imageFolderPlugin as default,
} from './imageFolder.js';
export type { ImageFolderSpecOptions } from './specOptions.js';
