// With the native backend `dataSync() instanceof Float32Array` is false inside jest's sandbox, because the typed arrays
// come from the outer realm. This environment shares that realm's constructors.
const { TestEnvironment } = require('jest-environment-node');
const SHARED = [
  'Float32Array',
  'Float64Array',
  'Int8Array',
  'Int16Array',
  'Int32Array',
  'Uint8Array',
  'Uint8ClampedArray',
  'Uint16Array',
  'Uint32Array',
  'BigInt64Array',
  'BigUint64Array',
  'ArrayBuffer',
  'SharedArrayBuffer',
  'DataView',
];
class TensorEnvironment extends TestEnvironment {
  constructor(config, context) {
    super(config, context);
    for (const name of SHARED) this.global[name] = globalThis[name];
  }
}
module.exports = TensorEnvironment;
