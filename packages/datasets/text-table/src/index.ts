export type { ColumnKind } from './columnProfile.js';
export { textTable, textTablePlugin, textTablePlugin as default, type TextTableOptions } from './textTable.js';
export type { TextTableSpecOptions } from './specOptions.js';
