export { BACKEND_NAMES, type BackendName } from './backend-name.js';
export { describeBackends, type BackendReport, type BackendStatus } from './describe-backends.js';
export { BACKEND_ERROR_CODES, BackendError, type BackendErrorCode } from './errors.js';
export { loadBackend, type BackendVersions, type LoadedBackend } from './load-backend.js';
export type { Tf } from './tf.js';
