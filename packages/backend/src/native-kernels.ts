import type * as tf from '@tensorflow/tfjs';
import type { Tf } from './tf.js';

type Kernel = NonNullable<ReturnType<Tf['getKernel']>>;
type KernelArguments = Parameters<Kernel['kernelFunc']>[0];

interface Attribute {
  readonly name: string;
  readonly type: number;
  readonly value: unknown;
}

/** The part of tfjs-node's backend that runs a TensorFlow op by name. */
interface NativeBackend {
  executeSingleOutput(
    name: string,
    attributes: readonly Attribute[],
    inputs: readonly tf.TensorInfo[],
  ): ReturnType<Kernel['kernelFunc']>;
  readonly binding: Readonly<Record<'TF_ATTR_TYPE' | 'TF_ATTR_BOOL' | 'TF_ATTR_INT' | 'TF_FLOAT' | 'TF_INT32', number>>;
}

const nativeOf = ({ backend }: KernelArguments): NativeBackend => backend as NativeBackend;

/** The type attribute of a tensor; undefined for types other than numbers. */
function typeAttribute({ binding }: NativeBackend, name: string, { dtype }: tf.TensorInfo): Attribute | undefined {
  const value = { float32: binding.TF_FLOAT, int32: binding.TF_INT32 }[dtype as string];
  return value === undefined ? undefined : { name, type: binding.TF_ATTR_TYPE, value };
}

/** A product of two matrices by MatMul, where tfjs-node takes BatchMatMulV2 for every rank: half the time of small ones. */
function matMul(given: KernelArguments): ReturnType<Kernel['kernelFunc']> | undefined {
  const { a, b } = given.inputs as Record<'a' | 'b', tf.TensorInfo>;
  const native = nativeOf(given);
  const type = typeAttribute(native, 'T', a);
  if (a.shape.length !== 2 || b.shape.length !== 2 || a.dtype !== b.dtype || type === undefined) return undefined;
  const { transposeA, transposeB } = given.attrs as unknown as tf.BatchMatMulAttrs;
  const flag = (name: string, value: boolean): Attribute => ({ name, type: native.binding.TF_ATTR_BOOL, value });
  const attributes = [type, flag('transpose_a', transposeA), flag('transpose_b', transposeB)];
  return native.executeSingleOutput('MatMul', attributes, [a, b]);
}

/**
 * Rows by their indices, which tfjs-node reads back to check them: that waits for all that runs, and no graph could follow it.
 * TensorFlow checks them itself, and throws too.
 */
function gather(given: KernelArguments, { scalar }: Tf): ReturnType<Kernel['kernelFunc']> | undefined {
  const { x, indices } = given.inputs as Record<'x' | 'indices', tf.TensorInfo>;
  const native = nativeOf(given);
  const { axis, batchDims } = given.attrs as unknown as tf.GatherV2Attrs;
  const axisTensor = scalar(axis, 'int32');
  const types = [
    typeAttribute(native, 'Tparams', x),
    typeAttribute(native, 'Tindices', indices),
    typeAttribute(native, 'Taxis', axisTensor),
  ].filter((type) => type !== undefined);
  try {
    if (types.length < 3) return undefined;
    const attributes = [{ name: 'batch_dims', type: native.binding.TF_ATTR_INT, value: batchDims }, ...types];
    return native.executeSingleOutput('GatherV2', attributes, [x, indices, axisTensor]);
  } finally {
    axisTensor.dispose();
  }
}

let replaced = false;

/** Replaces two kernels of tfjs-node's by faster ones, which leave what they do not take to the original. */
export function speedUpNativeKernels(tf: Tf): void {
  const replacements = { BatchMatMul: matMul, GatherV2: gather };
  if (replaced) return;
  replaced = true;
  for (const [name, kernel] of Object.entries(replacements)) {
    const original = tf.getKernel(name, 'tensorflow');
    if (original === undefined) continue;
    tf.unregisterKernel(name, 'tensorflow');
    tf.registerKernel({ ...original, kernelFunc: (given) => kernel(given, tf) ?? original.kernelFunc(given) });
  }
}
