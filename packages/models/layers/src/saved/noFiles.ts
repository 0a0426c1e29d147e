import { FlatminError } from '@flatmin/core';
import type { readModelFile as realReadModelFile } from './readModelFile.js';

/** In a page there are no files to read: refused by name. Bundlers for pages take this module, as package.json says. */
export const readModelFile: typeof realReadModelFile = (file) =>
  Promise.reject(
    new FlatminError(
      'DATA_FILE_MISSING',
      `a page cannot read the file ${file}. Give the whole URL of model.json, https://... (in code, new URL('model.json', location.href).href).`,
    ),
  );
