export { backendNames, type BackendName, loadBackend, type LoadedBackend } from './page/loadBackend.js';
