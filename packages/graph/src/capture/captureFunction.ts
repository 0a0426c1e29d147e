import * as tf from '@tensorflow/tfjs-core';
import { nudged, requireAgreement } from '../replay/check.js';
import { compareRecordings } from '../record/comparison.js';
import { GraphTree } from '../replay/graphTree.js';
import { record } from '../record/recorder.js';
import { SupplyLog } from '../record/supplyLog.js';

/** A function of tensors that runs as one call. */
export interface CapturedFunction {
  /** The results, in the order in which the function gives them; tensors of the caller's scope. */
  run(inputs: readonly tf.Tensor[]): tf.Tensor[];
  dispose(): void;
}

const edgesOf = (inputs: readonly tf.Tensor[]): Map<string, tf.Tensor> =>
  new Map(inputs.map((tensor, i) => [`input${i}`, tensor]));

/** Tensors that share their data, as data of their own: in a graph they are different inputs. */
function separated(tensors: readonly tf.Tensor[]): readonly tf.Tensor[] {
  const seen = new Set<tf.Tensor['dataId']>();
  return tensors.map((tensor) => {
    const isNew = !seen.has(tensor.dataId);
    seen.add(tensor.dataId);
    return isNew ? tensor : tf.tensor(tensor.dataSync(), tensor.shape, tensor.dtype);
  });
}

/**
 * Records a pure function of tensors on the native backend and gives it back as one TensorFlow graph, checked against
 * it.
 *
 * Beyond its inputs it uses nothing but tensors that it makes. It runs twice, and a graph that would not be the same
 * each time is refused. A value that it reads back may decide what it computes next: each way is recorded when it is
 * first gone. What it does to variables is undone by nobody.
 *
 * Cost: two eager runs and one of the graph, and the time in which TensorFlow loads it (10 to 40 ms for an MLP).
 *
 * @param example inputs, of the shapes and types of all others.
 * @throws FlatminError CAPTURE_REFUSED, with what stands in the way.
 * @example
 * ```ts fragment
 * const squares = captureFunction([x], ([a]) => [tf.square(a)]);
 * const [y] = squares.run([other]);
 * ```
 */
export function captureFunction(
  example: readonly tf.Tensor[],
  compute: (inputs: readonly tf.Tensor[]) => readonly tf.Tensor[],
): CapturedFunction {
  const graphs = new GraphTree<readonly string[]>();
  const learn = (given: readonly tf.Tensor[], log: SupplyLog): tf.Tensor[] => {
    const inputs = separated(given);
    const takes = [0, 1].map(() => {
      log.rewind();
      const start = { inputs: edgesOf(inputs), isConstant: () => false };
      return record(start, log, (edgeOf) => {
        const results = compute(inputs);
        return { results, outputs: results.map(edgeOf) };
      });
    });
    const [first, second] = takes as [(typeof takes)[0], (typeof takes)[0]];
    const { recording, result } = first;
    const rates = compareRecordings(recording, second.recording, [Number.NaN, Number.NaN]);
    graphs.add({ recording, rates }, result.outputs, result.outputs);
    const replayed = attempt(inputs, log) as tf.Tensor[];
    let shaken: tf.Tensor[] | undefined;
    const shake = (): tf.Tensor[] => (shaken ??= attempt(inputs.map(nudged), log) ?? replayed);
    requireAgreement(
      result.results.map((eager, i) => ({
        eager,
        replayed: replayed[i] as tf.Tensor,
        shaken: () => shake()[i] as tf.Tensor,
      })),
    );
    return replayed;
  };
  const attempt = (inputs: readonly tf.Tensor[], log: SupplyLog): tf.Tensor[] | undefined => {
    log.rewind();
    const environment = edgesOf(inputs);
    const outputs = graphs.run(environment, { log, learningRate: Number.NaN });
    return outputs?.map((edge) => (environment.get(edge) as tf.Tensor).clone());
  };
  const run = (inputs: readonly tf.Tensor[], isKnown = true): tf.Tensor[] => {
    const log = new SupplyLog();
    try {
      return tf.tidy(() => (isKnown ? attempt(inputs, log) : undefined) ?? learn(inputs, log));
    } finally {
      log.dispose();
    }
  };
  try {
    tf.dispose(run(example, false));
  } catch (error) {
    graphs.dispose();
    throw error;
  }
  return { run: (inputs) => run(inputs), dispose: () => graphs.dispose() };
}
