export { type ByteSource, bytesOf, checkRange, invalidFile, missingFile } from './byteSource.js';
export { codeOf, openDataFile } from './dataFile.js';
export { type DataFolder, memoryFolder, openFolder } from './folder.js';
export { isGzip, unpack, type UnpackOptions } from './unpack.js';
