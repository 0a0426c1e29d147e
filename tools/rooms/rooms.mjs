/** The rooms of each package, from the ground up: a room imports those before it, and none behind it. */
export const rooms = {
  backend: ['tfjs', 'kernels', 'load'],
  data: ['errors', 'image', 'source', 'split', 'stream', 'dataset', 'text', 'node', 'fuzz'],
  graph: ['native', 'record', 'savedModel', 'replay', 'capture'],
  training: ['tasks', 'settings', 'metrics', 'checkpoint', 'loop', 'node'],
};
