export { backendNames, type BackendName, loadBackend, type LoadedBackend, type Tf } from './page/loadBackend.js';
