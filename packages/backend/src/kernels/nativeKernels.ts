import type * as tf from '@tensorflow/tfjs';
import type { Tf } from '../tfjs/tf.js';

type Kernel = NonNullable<ReturnType<Tf['getKernel']>>;
type KernelArguments = Parameters<Kernel['kernelFunc']>[0];
type KernelResult = ReturnType<Kernel['kernelFunc']>;

interface Attribute {
  readonly name: string;
  readonly type: number;
  readonly value: unknown;
}

/** The part of tfjs-node's backend that runs a TensorFlow op by name. */
interface NativeBackend {
  executeSingleOutput(name: string, attributes: readonly Attribute[], inputs: readonly tf.TensorInfo[]): KernelResult;
  readonly binding: Readonly<Record<'TF_ATTR_TYPE' | 'TF_ATTR_BOOL' | 'TF_ATTR_INT' | 'TF_FLOAT' | 'TF_INT32', number>>;
}

const nativeOf = ({ backend }: KernelArguments): NativeBackend => backend as NativeBackend;

/** The type attribute of a tensor; undefined for types other than numbers. */
function typeAttribute({ binding }: NativeBackend, name: string, { dtype }: tf.TensorInfo): Attribute | undefined {
  const value = { float32: binding.TF_FLOAT, int32: binding.TF_INT32 }[dtype as string];
  return value === undefined ? undefined : { name, type: binding.TF_ATTR_TYPE, value };
}

/**
 * A product of two matrices by MatMul, where tfjs-node takes BatchMatMulV2 for every rank: half the time of small ones.
 */
function matMul(given: KernelArguments): KernelResult | undefined {
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
 * Rows by their indices, which tfjs-node reads back to check them: that waits for all that runs, and no graph could
 * follow it. TensorFlow checks them itself, and throws too.
 */
function gather(given: KernelArguments, { scalar }: Tf): KernelResult | undefined {
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

/**
 * The gradient of a 1x1 convolution by its filter where it strides: at a stride of 1, of the positions that it reads.
 * oneDNN's own writes past its memory for fewer than 16 channels where the last stride leaves pixels over, such as
 * 16x16 at a stride of 2, and the process ends.
 */
function pointwiseFilterGradient({ inputs, attrs }: KernelArguments, tf: Tf): KernelResult | undefined {
  const { x, dy } = inputs as Record<'x' | 'dy', tf.Tensor4D>;
  const { filterShape, strides, dataFormat } = attrs as unknown as tf.Conv2DBackpropFilterAttrs;
  const [down, across] = typeof strides === 'number' ? [strides, strides] : strides;
  const isPointwise = filterShape[0] === 1 && filterShape[1] === 1 && dataFormat === 'NHWC';
  if (!isPointwise || (down === 1 && across === 1)) return undefined;
  return tf.tidy(() => {
    const read = tf.stridedSlice(x, [0, 0, 0, 0], x.shape, [1, down, across, 1]);
    return tf.engine().runKernel<tf.Tensor>('Conv2DBackpropFilter', { x: read, dy }, { ...attrs, strides: [1, 1] });
  });
}

/**
 * The gradient of a convolution by its input where one channel leads to one: with a second channel of zeros going out.
 * oneDNN mistakes the layout of such a filter, and gives wrong numbers.
 */
function singleChannelInputGradient({ inputs, attrs }: KernelArguments, tf: Tf): KernelResult | undefined {
  const { dy, filter } = inputs as Record<'dy' | 'filter', tf.Tensor4D>;
  const [height, width, channels, outputs] = filter.shape;
  const { dataFormat } = attrs as unknown as tf.Conv2DBackpropInputAttrs;
  if (channels !== 1 || outputs !== 1 || height * width === 1 || dataFormat !== 'NHWC') return undefined;
  return tf.tidy(() => {
    const [wideDy, wideFilter] = [dy, filter].map((each) => tf.pad(each, [[0, 0], [0, 0], [0, 0], [0, 1]])); // prettier-ignore
    return tf.engine().runKernel<tf.Tensor>('Conv2DBackpropInput', { dy: wideDy, filter: wideFilter } as never, attrs);
  });
}

let replaced = false;

/**
 * Replaces kernels of tfjs-node's, two by faster ones and two by right ones; what they do not take is left to the
 * original.
 */
export function replaceNativeKernels(tf: Tf): void {
  const replacements = {
    BatchMatMul: matMul,
    GatherV2: gather,
    Conv2DBackpropFilter: pointwiseFilterGradient,
    Conv2DBackpropInput: singleChannelInputGradient,
  };
  if (replaced) return;
  replaced = true;
  for (const [name, kernel] of Object.entries(replacements)) {
    const original = tf.getKernel(name, 'tensorflow');
    if (original === undefined) continue;
    tf.unregisterKernel(name, 'tensorflow');
    tf.registerKernel({ ...original, kernelFunc: (given) => kernel(given, tf) ?? original.kernelFunc(given) });
  }
}
