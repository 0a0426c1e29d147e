export { BACKEND_NAMES, type BackendName } from './tfjs/backendName.js';
export { describeBackends, type BackendReport, type BackendStatus } from './load/describeBackends.js';
export { BACKEND_ERROR_CODES, BackendError, type BackendErrorCode } from './load/errors.js';
export { loadBackend, type BackendVersions, type LoadedBackend } from './load/loadBackend.js';
export type { Tf } from './tfjs/tf.js';
