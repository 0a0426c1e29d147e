/** The rooms of each package, from the ground up: a room imports those before it, and none behind it. */
export const rooms = {
  backend: ['tfjs', 'kernels', 'load'],
  core: ['errors', 'tensors', 'loss', 'variant', 'base', 'contracts', 'plugin', 'step', 'optimizer', 'compose'],
  graph: ['native', 'record', 'savedModel', 'replay', 'capture'],
  data: ['errors', 'image', 'source', 'split', 'stream', 'dataset', 'text', 'node', 'fuzz'],
  training: ['tasks', 'settings', 'metrics', 'checkpoint', 'loop', 'node'],
  analysis: ['options', 'vectors', 'surface', 'curvature', 'sharpness', 'landscape', 'probe'],
  experiments: [
    'terminal',
    'plugins',
    'config',
    'run',
    'grid',
    'statistics',
    'report',
    'analysis',
    'cells',
    'compare',
    'catalog',
    'queue',
  ],
  cli: ['terminal', 'schema', 'data', 'compare', 'queue', 'quickstart', 'afterwards', 'catalog', 'command'],
};
