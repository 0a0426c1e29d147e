import { FlatminError } from '@flatmin/core';
import * as tf from '@tensorflow/tfjs-core';

/** A piece of a piecewise linear function: y = slope x + offset. */
interface Piece {
  readonly slope: tf.Tensor;
  readonly offset?: tf.Tensor;
}

/** The piece on which each element of x lies. */
const pieces: Readonly<Record<string, (x: tf.Tensor, attributes: { readonly alpha?: number }) => Piece>> = {
  Relu: (x) => ({ slope: tf.step(x) }),
  Relu6: (x) => {
    const isAbove = tf.step(tf.sub(x, 6));
    return { slope: tf.sub(tf.step(x), isAbove), offset: tf.mul(6, isAbove) };
  },
  LeakyRelu: (x, { alpha = 0.2 }) => ({ slope: tf.step(x, alpha) }),
  Abs: (x) => ({ slope: tf.sign(x) }),
};

/**
 * Holds relu and its like to the piece that each of its elements was on: between kinks a network has the Hessian that
 * is meant by it, and a difference of gradients across one has a jump in it, which no step makes small.
 */
export class Kinks {
  readonly #pieces: Piece[] = [];

  /** Runs a pass, and notes on which piece each element of each such operation is. */
  noted<T>(pass: () => T): T {
    return overridden((name, plain, x, attributes) => {
      this.#pieces.push(keptPiece(() => (pieces[name] as (typeof pieces)[string])(x, attributes)));
      return plain();
    }, pass);
  }

  /** Runs the same pass at other weights, with each element on the piece that it was on. */
  held<T>(pass: () => T): T {
    let next = 0;
    const slopes = new WeakMap<object, tf.Tensor>();
    return overridden(
      (name, _, x) => {
        const piece = this.#pieces[next++];
        if (piece === undefined || piece.slope.shape.join() !== x.shape.join()) throw otherPass(name);
        const { slope, offset } = piece;
        const y = offset === undefined ? tf.mul(x, slope) : tf.add(tf.mul(x, slope), offset);
        slopes.set(y.dataId, slope);
        return y;
      },
      pass,
      (y) => slopes.get(y.dataId) as tf.Tensor,
    );
  }

  dispose(): void {
    for (const { slope, offset } of this.#pieces.splice(0)) tf.dispose([slope, ...(offset ? [offset] : [])]);
  }
}

function keptPiece(make: () => Piece): Piece {
  const [slope, offset] = tf.tidy(() => {
    const found = make();
    return found.offset === undefined ? [found.slope] : [found.slope, found.offset];
  }) as [tf.Tensor, tf.Tensor?];
  return { slope: tf.keep(slope), ...(offset && { offset: tf.keep(offset) }) };
}

function otherPass(name: string): FlatminError {
  return new FlatminError(
    'ANALYSIS_INVALID',
    `the loss came to another ${name} near the weights than at them, so there is no Hessian to measure. Give a loss whose operations do not depend on the weights.`,
  );
}

type Compute = (name: string, plain: () => tf.TensorInfo, x: tf.Tensor, attributes: object) => tf.TensorInfo;

/** Runs a pass with other kernels, and gradients, of the piecewise linear functions; what was there is put back. */
function overridden<T>(compute: Compute, pass: () => T, slopeOf?: (y: tf.Tensor) => tf.Tensor): T {
  const backendName = tf.getBackend();
  const undo: (() => void)[] = [];
  try {
    for (const name of Object.keys(pieces)) {
      const kernel = tf.getKernel(name, backendName);
      if (kernel === undefined) continue;
      const put = (config: tf.KernelConfig): void => {
        tf.unregisterKernel(name, backendName);
        tf.registerKernel(config);
      };
      const kernelFunc: tf.KernelFunc = (call) => {
        const plain = (): tf.TensorInfo => kernel.kernelFunc(call) as tf.TensorInfo;
        return compute(name, plain, asTensor(call.inputs['x'] as tf.TensorInfo), call.attrs ?? {});
      };
      put({ ...kernel, kernelFunc });
      undo.push(() => put(kernel));
      const gradient = tf.getGradient(name);
      if (slopeOf === undefined || gradient === undefined) continue;
      const gradFunc: tf.GradFunc = (dy, saved) => ({
        x: () => tf.mul(dy as tf.Tensor, slopeOf(saved[0] as tf.Tensor)),
      });
      tf.registerGradient({ kernelName: name, outputsToSave: [true], gradFunc });
      undo.push(() => tf.registerGradient(gradient));
    }
    return pass();
  } finally {
    undo.forEach((put) => put());
  }
}

/** What a kernel gets is a tensor, said to be less. */
const asTensor = (info: tf.TensorInfo): tf.Tensor => info as tf.Tensor;
