import * as tf from '@tensorflow/tfjs-core';

const TF_BOOL = 10;
const TF_COMPLEX64 = 8;
const bytesOf = ({ shape, dtype }) =>
  shape.reduce((a, b) => a * b, 1) * (dtype === TF_BOOL ? 1 : dtype === TF_COMPLEX64 ? 8 : 4);

/**
 * Counts, from now on, the ops that the native backend executes, the graphs it runs, and the bytes of the data it
 * holds. Bytes are those of data, not of tensors: clones and reshapes share theirs, which `tf.memory().numBytes` counts
 * twice. What TensorFlow allocates inside one op or graph is not seen.
 */
export class Instruments {
  #ops = 0;
  #graphs = 0;
  #bytes = 0;
  #peak = 0;

  /** @param {any} backend that of tfjs-node, by its own fields */
  constructor(backend = tf.backend()) {
    this.#count(backend, 'executeSingleOutput', () => this.#ops++);
    this.#count(backend, 'executeMultipleOutputs', () => this.#ops++);
    this.#count(backend, 'runSavedModel', () => this.#graphs++);
    this.#weigh(backend.tensorMap);
  }

  /** Bytes of data that came since the start, less those that went: differences of it mean something. */
  get bytes() {
    return this.#bytes;
  }

  /** What `work` executed, and the most bytes that were held meanwhile. */
  during(work) {
    const { ops, graphs } = { ops: this.#ops, graphs: this.#graphs };
    this.#peak = this.#bytes;
    work();
    return { ops: this.#ops - ops, graphs: this.#graphs - graphs, peak: this.#peak };
  }

  #count(backend, method, note) {
    const run = backend[method].bind(backend);
    backend[method] = (...args) => {
      note();
      return run(...args);
    };
  }

  #weigh(tensorMap) {
    const add = tensorMap.set.bind(tensorMap);
    const remove = tensorMap.delete.bind(tensorMap);
    tensorMap.set = (dataId, entry) => {
      this.#bytes += bytesOf(entry);
      this.#peak = Math.max(this.#peak, this.#bytes);
      add(dataId, entry);
    };
    tensorMap.delete = (dataId) => {
      if (tensorMap.has(dataId)) this.#bytes -= bytesOf(tensorMap.get(dataId));
      return remove(dataId);
    };
  }
}
