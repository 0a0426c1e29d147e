import { isFlatminError } from '@flatmin/core';
import type { CapturedFunction } from '@flatmin/graph';
import * as tf from '@tensorflow/tfjs-core';
import { unflattened } from './layout.js';
import type { SurfaceParameter } from './lossSurface.js';
import { type BatchLoss, type BatchTensors, type Pass, withValues } from './passes.js';

/** What passes run over. */
export interface PassSubject {
  readonly variables: readonly tf.Variable[];
  readonly parameters: readonly SurfaceParameter[];
  /** Other variables that the loss may use: inputs of a graph, as what they hold may change. */
  readonly frozen: readonly tf.Variable[];
  readonly lossOf: (...batch: BatchTensors) => BatchLoss;
}

const keyOf = (name: string, inputs: readonly tf.Tensor[]): string =>
  [name, ...inputs.map(({ shape, dtype }) => `${dtype}[${shape.join()}]`)].join(' ');

/**
 * Runs passes at points: each kind, for each shape of batch, as one TensorFlow graph on the native backend; operation
 * by operation elsewhere, and from the first refusal on.
 */
export class PassRunner {
  eagerBecause: string | undefined;
  readonly #subject: PassSubject;
  readonly #graphs = new Map<string, CapturedFunction>();

  constructor(subject: PassSubject, isEager: boolean) {
    this.#subject = subject;
    if (isEager) this.eagerBecause = 'it was asked for';
    else if (tf.getBackend() !== 'tensorflow')
      this.eagerBecause = `graphs run on the native backend, and this is ${tf.getBackend()}`;
  }

  /** What a pass gives for a batch at a flat point; the caller's to dispose. */
  async run(
    pass: Pass,
    name: string,
    point: tf.Tensor1D,
    batch: BatchTensors,
    given: readonly tf.Tensor[] = [],
  ): Promise<tf.Tensor[]> {
    const { frozen } = this.#subject;
    const inputs = [point, ...frozen, ...batch, ...given];
    const compute = (all: readonly tf.Tensor[]): tf.Tensor[] => this.#compute(pass, all, batch.length);
    const graph = await this.#graphOf(keyOf(name, inputs), inputs, compute);
    return graph?.run(inputs) ?? tf.tidy(() => compute(inputs));
  }

  dispose(): void {
    for (const graph of this.#graphs.values()) graph.dispose();
    this.#graphs.clear();
  }

  #compute(pass: Pass, inputs: readonly tf.Tensor[], batchLength: number): tf.Tensor[] {
    const { variables, parameters, frozen, lossOf } = this.#subject;
    const [point, ...others] = inputs;
    const batch = others.slice(frozen.length, frozen.length + batchLength);
    const given = others.slice(frozen.length + batchLength);
    const at = <T>(flat: tf.Tensor1D, inner: () => T): T => withValues(variables, unflattened(flat, parameters), inner);
    const place = { variables, point: point as tf.Tensor1D, at };
    return withValues(frozen, others.slice(0, frozen.length), () =>
      at(place.point, () => pass(lossOf(...batch), place, given)),
    );
  }

  async #graphOf(
    key: string,
    inputs: readonly tf.Tensor[],
    compute: (inputs: readonly tf.Tensor[]) => tf.Tensor[],
  ): Promise<CapturedFunction | undefined> {
    if (this.eagerBecause !== undefined) return undefined;
    const known = this.#graphs.get(key);
    if (known !== undefined) return known;
    const { captureFunction } = await import('@flatmin/graph'); // Only where it is of use: it needs Node.
    try {
      const graph = captureFunction(inputs, compute);
      this.#graphs.set(key, graph);
      return graph;
    } catch (error) {
      if (!isFlatminError(error) || error.code !== 'CAPTURE_REFUSED') throw error;
      this.eagerBecause = error.message;
      this.dispose();
      return undefined;
    }
  }
}
