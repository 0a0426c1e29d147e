import type * as tf from '@tensorflow/tfjs';
import type { Tf } from '../tfjs/tf.js';

/** The part of tfjs-node's backend that runs a TensorFlow op by name. */
interface NativeBackend {
  executeSingleOutput(name: string, attributes: readonly object[], inputs: readonly tf.Tensor[]): tf.Tensor;
  readonly binding: Readonly<Record<'TF_ATTR_TYPE' | 'TF_FLOAT', number>>;
}

/** The gradient by x of a function of one input. */
type GradientByInput = (dy: tf.Tensor, x: tf.Tensor, attributes: tf.NamedAttrMap) => tf.Tensor;

let replaced = false;

/**
 * Makes the gradients of relu, sum and mean cheap on the native backend. TF.js fills an array as large as x in
 * JavaScript for each and copies it to TensorFlow; for relu it then runs seven ops where TensorFlow has one. Values are
 * the same to the last bit, but that relu's at x = NaN is 0, not NaN. Within a second derivative, and on other
 * backends, all is as before.
 */
export function lightenGradients(tfjs: Tf): void {
  if (replaced) return;
  replaced = true;
  replace(tfjs, 'Relu', (dy, x) => {
    const backend = tfjs.backend() as unknown as NativeBackend;
    const { TF_ATTR_TYPE, TF_FLOAT } = backend.binding;
    return backend.executeSingleOutput('ReluGrad', [{ name: 'T', type: TF_ATTR_TYPE, value: TF_FLOAT }], [dy, x]);
  });
  const repeated: GradientByInput = (dy, x, { axis }) => {
    const reduced = new Set(tfjs.util.parseAxisParam(axis as number | number[], x.shape));
    const kept = x.shape.map((size, i) => (reduced.has(i) ? 1 : size));
    return tfjs.broadcastTo(tfjs.reshape(dy, kept), x.shape);
  };
  replace(tfjs, 'Sum', repeated);
  replace(tfjs, 'Mean', (dy, x, attributes) => repeated(tfjs.div(dy, x.size / dy.size), x, attributes));
}

function replace(tfjs: Tf, kernel: string, gradient: GradientByInput): void {
  const original = tfjs.getGradient(kernel);
  if (original === undefined) return;
  tfjs.unregisterGradient(kernel);
  tfjs.registerGradient({
    ...original,
    gradFunc: (dy, saved, attributes) => {
      const [x] = saved as [tf.Tensor];
      // What replaces it has no gradient of its own, or a costly one, where a second derivative records it.
      const isOutermost = tfjs.engine().state.gradientDepth === 0;
      const fits = !Array.isArray(dy) && x.dtype === 'float32' && dy.dtype === 'float32' && x.size > 0;
      if (!isOutermost || !fits || tfjs.getBackend() !== 'tensorflow') return original.gradFunc(dy, saved, attributes);
      return { x: () => gradient(dy, x, attributes) };
    },
  });
}
