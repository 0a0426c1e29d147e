import type * as tf from '@tensorflow/tfjs';
import type { Tf } from '../tfjs/tf.js';

type Kernel = NonNullable<ReturnType<Tf['getKernel']>>;
type KernelArguments = Parameters<Kernel['kernelFunc']>[0];

let replaced = false;

/**
 * Makes the gradients of dense layers about ten times as fast on the wasm backend.
 *
 * Its BatchMatMul has a fast path (XNNPACK) for plain matrices only; with `transposeA` or `transposeB`, which is what
 * every gradient of a matMul uses, it takes a plain loop: 1.1 to 1.9 ms instead of 0.1 ms for 64 x 100 by 100 x 100. So
 * transpose first, which costs a copy, and multiply plainly. Results differ in the last bits, as the order of the sums
 * does.
 */
export function speedUpWasmMatMul({ getKernel, registerKernel, unregisterKernel }: Tf): void {
  const original = getKernel('BatchMatMul', 'wasm');
  const transpose = getKernel('Transpose', 'wasm');
  if (replaced || original === undefined || transpose === undefined) return;
  replaced = true;
  const kernelFunc = (given: KernelArguments): ReturnType<Kernel['kernelFunc']> => {
    const { a, b } = given.inputs as Record<'a' | 'b', tf.TensorInfo>;
    const { transposeA, transposeB } = given.attrs as unknown as tf.BatchMatMulAttrs;
    const isMatrix = ({ shape }: tf.TensorInfo): boolean => shape.slice(0, -2).every((size) => size === 1);
    if (!(transposeA || transposeB) || !isMatrix(a) || !isMatrix(b)) return original.kernelFunc(given);
    const backend = given.backend as tf.KernelBackend;
    const flipped: tf.TensorInfo[] = [];
    const flip = (x: tf.TensorInfo): tf.TensorInfo => {
      const perm = x.shape.map((_, axis, { length }) => (axis < length - 2 ? axis : 2 * length - 3 - axis));
      const result = transpose.kernelFunc({ inputs: { x }, attrs: { perm }, backend }) as tf.TensorInfo;
      flipped.push(result);
      return result;
    };
    const inputs: Record<string, tf.TensorInfo> = { a: transposeA ? flip(a) : a, b: transposeB ? flip(b) : b };
    const product = original.kernelFunc({ inputs, attrs: { transposeA: false, transposeB: false }, backend });
    for (const { dataId } of flipped) backend.disposeData(dataId);
    return product;
  };
  unregisterKernel('BatchMatMul', 'wasm');
  registerKernel({ ...original, kernelFunc });
}
