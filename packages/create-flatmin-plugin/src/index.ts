export { CreateError } from './createError.js';
export { type CreatedPlugin, type CreateOptions, createPlugin } from './createPlugin.js';
export { type Names, namesOf } from './names.js';
export { type GeneratedFile, renderTemplate } from './render.js';
export { type Gap, gapsOf, noDescription, type Place, renderVariant, type VariantAbout } from './variant.js';
