export { type ByteSource, bytesOf, checkRange, invalidFile, missingFile } from './byteSource.js';
export { codeOf, openDataFile } from './dataFile.js';
export { type DataFolder, memoryFolder, openFolder } from './folder.js';
export { type InstalledData, installedFolder } from './installed.js';
export { type LineFile, openLines, type OpenLinesOptions, type TextLine } from './lines.js';
export { keepSmall } from './ranges.js';
export { openRows, type OpenRowsOptions, type Row, type RowFile, type RowFormat, rowFormats } from './rows.js';
export { type TextChunk, textChunks } from './textChunks.js';
export { isGzip, unpack, type UnpackOptions } from './unpack.js';
