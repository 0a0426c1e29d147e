import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** A Python process that takes samples of another library, one when asked, so that they interleave with ours. */
class PythonSamples {
  #child;
  #lines;
  #errors = '';
  #ended;

  constructor(python, script) {
    const file = fileURLToPath(new URL(script, import.meta.url));
    this.#child = spawn(python, ['-B', file, String(availableParallelism())], { stdio: 'pipe' });
    this.#child.on('error', ({ message }) => (this.#errors += message));
    this.#child.stdin.on('error', () => {}); // A process that has ended takes no request; the answer says so.
    this.#child.stderr.on('data', (text) => (this.#errors = `${this.#errors}${text}`.slice(-2000)));
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
    this.#ended = once(this.#child, 'close').catch(() => {});
  }

  /** The next line of the process, as JSON. */
  async next() {
    const { value, done } = await this.#lines.next();
    if (done) await this.#ended;
    return done ? { missing: this.#errors.trim().split('\n').at(-1) || 'it ended silently' } : JSON.parse(value);
  }

  async ask(request) {
    this.#child.stdin.write(`${JSON.stringify(request)}\n`);
    return this.next();
  }

  async stop() {
    this.#child.stdin.end();
    await this.#ended;
  }
}

/**
 * @typedef {object} Library
 * @property {string} mode
 * @property {string} note
 * @property {(model: string) => object[]} [subjectsOf]
 * @property {() => string | undefined} [failure] why it ended early
 * @property {() => Promise<void>} [stop]
 */

/**
 * A library beside ours: its facts, and the subjects that it has for a model.
 *
 * @param {string} python the interpreter.
 * @param {string} mode `torch` or `jax`: names its rows.
 * @returns {Promise<Library>} without `subjectsOf` where it is not installed, which `note` says.
 */
export async function otherLibrary(python, mode) {
  const process = new PythonSamples(python, `./${mode}Sam.py`);
  const { missing, models, ...facts } = await process.next();
  if (missing !== undefined) {
    await process.stop();
    return { mode, note: `${mode} is left out: ${missing}` };
  }
  let failure;
  const sample = async (model, subject) => {
    if (failure !== undefined) return undefined;
    const { ms, missing: reason } = await process.ask({ model, subject });
    failure = reason;
    return ms;
  };
  const subjectsOf = (model) =>
    models.includes(model)
      ? ['gradient', 'plain', 'sam'].map((id) => ({ id, mode, sample: () => sample(model, id) }))
      : [];
  const versions = Object.entries(facts).filter(([key]) => key !== 'library');
  const note = `${facts.library} ${versions.map(([key, value]) => (key === 'version' ? value : `${key} ${value}`)).join(', ')}`;
  return { mode, note, subjectsOf, failure: () => failure, stop: () => process.stop() };
}
