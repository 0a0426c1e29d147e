export { backendNames, type BackendName, namedBackends } from './tfjs/backendName.js';
export { describeBackends, type BackendReport, type BackendStatus } from './load/describeBackends.js';
export { loadBackend, type BackendVersions, type LoadedBackend } from './load/loadBackend.js';
export type { Tf } from './tfjs/tf.js';
