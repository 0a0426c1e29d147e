import type * as tf from '@tensorflow/tfjs-core';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { inGraphFolder } from './graphFolder.js';
import { type NativeBackend, nativeBackend, requireActive } from '../native/nativeBackend.js';
import { withBranches } from './branches.js';
import { encodeSavedModel, feedNames } from './savedModel.js';
import type { Graph } from './simplify.js';

/** The tensors of a step by their edges. */
export type Environment = Map<string, tf.Tensor>;

const slotOf = (edge: string): string => (edge.includes(':') ? edge : `${edge}:0`);

/** A graph in a session of TensorFlow's: one call from its inputs to its outputs. */
export class LoadedGraph {
  readonly #backend: NativeBackend;
  readonly #id: number | undefined;
  readonly #inputs: readonly string[];
  readonly #feeds: readonly { readonly name: string }[];
  readonly #fetched: readonly string[];
  readonly #fetches: readonly string[];
  readonly #outputs: ReadonlyMap<string, string>;

  /** Writes the graph where tfjs-node can load it from, and removes the file at once. */
  constructor(graph: Graph) {
    this.#backend = nativeBackend();
    this.#outputs = graph.outputs;
    this.#inputs = [...graph.inputs.keys()];
    this.#feeds = [...feedNames(graph).values()].map((name) => ({ name: slotOf(name) }));
    // What is handed through needs no session.
    this.#fetched = [...new Set(graph.outputs.values())].filter((edge) => !graph.inputs.has(edge));
    this.#fetches = this.#fetched.map(slotOf);
    this.#id = this.#fetched.length === 0 ? undefined : this.#load(graph);
  }

  /** Adds the outputs to the tensors at hand; new ones belong to the caller's scope. */
  run(environment: Environment): void {
    requireActive(this.#backend);
    if (this.#id !== undefined) {
      const inputs = this.#inputs.map((edge) => environment.get(edge) as tf.Tensor);
      const found = this.#backend.runSavedModel(this.#id, inputs, this.#feeds, this.#fetches);
      found.forEach((tensor, i) => environment.set(this.#fetched[i] as string, tensor));
    }
    for (const [wanted, edge] of this.#outputs) environment.set(wanted, environment.get(edge) as tf.Tensor);
  }

  dispose(): void {
    if (this.#id !== undefined) this.#backend.deleteSavedModel(this.#id);
  }

  #load(graph: Graph): number {
    return inGraphFolder((folder) => {
      const { binding } = this.#backend;
      writeFileSync(path.join(folder, 'saved_model.pb'), encodeSavedModel(withBranches(graph, binding), binding));
      return this.#backend.loadSavedModelMetaGraph(folder, 'serve');
    });
  }
}
