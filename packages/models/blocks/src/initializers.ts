import type { Initializer } from './weights.js';

// All of them scale in JavaScript and not on the backend, so that the bits are the same on each.

/** The same number everywhere. */
export function constant(value: number): Initializer {
  return (_, size) => new Float32Array(size).fill(value);
}

/** Normal numbers around 0. */
export function normal(deviation: number): Initializer {
  return (random, size) => scaled(random.normals(size), deviation);
}

/**
 * He et al. 2015 (arXiv:1502.01852), by the outputs of a convolution: normal numbers of variance 2 / fanOut, where each
 * value of the input reaches `fanOut` outputs (height x width of the kernel x its outputs). Preserves the size of
 * gradients through relu.
 */
export function heNormal(fanOut: number): Initializer {
  return normal(Math.sqrt(2 / fanOut));
}

/**
 * Uniform numbers within +-1 / sqrt(fanIn), where `fanIn` inputs reach each output: the initial values of PyTorch's
 * dense layers and convolutions, for kernels and biases.
 */
export function uniformOf(fanIn: number): Initializer {
  return uniform(1 / Math.sqrt(fanIn));
}

/**
 * Glorot & Bengio 2010, uniform within +-sqrt(6 / (fanIn + fanOut)). For a kernel that holds several side by side, give
 * the fans of one; or those of all, if each should have the smaller range of the whole.
 */
export function xavierUniform(fanIn: number, fanOut: number): Initializer {
  return uniform(Math.sqrt(6 / (fanIn + fanOut)));
}

/**
 * Normal numbers truncated at two deviations: numbers beyond that are drawn again. The result has 0.88 times
 * `deviation`; it is not scaled up, as in the code of vision transformers.
 */
export function truncatedNormal(deviation: number): Initializer {
  return (random, size) => {
    const values = random.normals(size);
    let beyond = indicesBeyond(values);
    for (let round = 1; beyond.length > 0; round++) {
      const fresh = random.at(round).normals(beyond.length);
      beyond.forEach((index, i) => (values[index] = fresh[i] as number));
      beyond = beyond.filter((index) => isBeyond(values[index] as number));
    }
    return scaled(values, deviation);
  };
}

/** Uniform numbers within +-limit. */
function uniform(limit: number): Initializer {
  return (random, size) =>
    scaled(
      random.uniforms(size).map((value) => 2 * value - 1),
      limit,
    );
}

/** A loop: `Float32Array.from` with a function takes a second for ten million values. */
function scaled(values: Float64Array, factor: number): Float32Array {
  const result = new Float32Array(values.length);
  for (let i = 0; i < values.length; i++) result[i] = (values[i] as number) * factor;
  return result;
}

const isBeyond = (value: number): boolean => Math.abs(value) > 2;

/** A loop too: an iterator over the indices takes 20 s for a hundred million. */
function indicesBeyond(values: Float64Array): number[] {
  const found: number[] = [];
  for (let i = 0; i < values.length; i++) if (isBeyond(values[i] as number)) found.push(i);
  return found;
}
