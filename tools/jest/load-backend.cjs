// Every test runs on the backend that FLATMIN_BACKEND names (else the best one), and fails if that one cannot be had.
const { loadBackend } = require('@flatmin/backend');
beforeAll(() => loadBackend());
