export {
  imageFolder,
  type ImageFolderOptions,
  imageFolderPlugin,
  imageFolderPlugin as default,
} from './imageFolder.js';
