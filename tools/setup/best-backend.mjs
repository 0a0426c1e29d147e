// The best backend that the set-up reached.
import { remembered } from '../native-backend/check.mjs';
import { findPackage } from '../native-backend/layout.mjs';

export function bestBackend() {
  const pkg = findPackage();
  return pkg && remembered(pkg)?.works ? 'tensorflow' : 'wasm';
}
