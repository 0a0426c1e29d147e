import path from 'node:path';

// Jest runs modules as CommonJS, where import.meta.dirname is what it makes of it.
export const root = path.resolve(import.meta.dirname, '../..');
