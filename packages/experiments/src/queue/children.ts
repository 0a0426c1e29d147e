import { CellProcess, type CellProcessOptions } from '../cells/cellProcess.js';
import type { PluginRequest } from '../plugins/loadPlugin.js';

/** Processes that train, kept from one run to the next: loading a backend takes seconds. */
export class Children {
  readonly #options: CellProcessOptions;
  readonly #requests: readonly PluginRequest[];
  readonly #idle: CellProcess[] = [];
  readonly #backends = new Map<CellProcess, string>();

  constructor(options: CellProcessOptions, requests: readonly PluginRequest[]) {
    this.#options = options;
    this.#requests = requests;
  }

  /**
   * A process with a backend, for the caller alone until it is given back.
   *
   * @throws what loading the backend threw.
   */
  async take(backend: string): Promise<CellProcess> {
    const idle = this.#idle.pop();
    if (idle?.isAlive === true && this.#backends.get(idle) === backend) return idle;
    if (idle !== undefined) this.#end(idle);
    const made = new CellProcess(this.#options);
    this.#backends.set(made, backend);
    try {
      const { backend: loaded } = await made.open(backend, this.#requests);
      if (loaded !== backend) throw new Error(`${loaded} is loaded instead`);
      return made;
    } catch (error) {
      this.#end(made);
      throw error;
    }
  }

  give(process: CellProcess): void {
    if (process.isAlive) this.#idle.push(process);
    else this.#end(process);
  }

  #end(process: CellProcess): void {
    process.kill();
    this.#backends.delete(process);
  }

  end(): void {
    for (const process of this.#backends.keys()) process.kill();
  }
}
