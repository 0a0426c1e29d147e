import { FlatminError, isFlatminError, show } from './errors.js';

/** What losses threw: no fault of the plugin in whose step they were evaluated. */
const fromLosses = new WeakSet<object>();

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** Evaluates a loss, so that what it throws is not taken for a fault of the plugin that asked for it. */
export function ofTheLoss<T>(pass: () => T): T {
  try {
    return pass();
  } catch (error) {
    if (isObject(error)) fromLosses.add(error);
    throw error;
  }
}

/** What something thrown says, in one line and without its full stop. */
function saying(error: unknown): string {
  const text = error instanceof Error ? error.message : show(error);
  return text.replaceAll(/\s+/g, ' ').replace(/\.$/, '');
}

const unchanged = 'Nothing was changed.';

/**
 * The error of a plugin that broke its contract.
 *
 * @param left what the fault left behind, where that is not nothing.
 */
export function faulty(plugin: string, what: string, cause?: unknown, left = unchanged): FlatminError {
  const remedy = "This is a defect of the plugin: report it to the plugin's author, or install another release.";
  return new FlatminError('PLUGIN_FAULTY', [`${plugin} ${what}.`, left, remedy].filter(Boolean).join(' '), { cause });
}

/**
 * Runs the code of a plugin. What it throws by mistake becomes an error that names it; what a loss threw, and errors
 * that are flatmin's, pass.
 *
 * @param plugin names it in the error: `plugin "acme-sam"`.
 * @param doing says when: `in a step`.
 * @param left what a throw leaves behind, where that is not nothing.
 */
export function runPlugin<T>(plugin: string, doing: string, run: () => T, left = unchanged): T {
  try {
    return run();
  } catch (error) {
    throw named(error, plugin, doing, left);
  }
}

/** The same for what a plugin does asynchronously. */
export async function awaitPlugin<T>(
  plugin: string,
  doing: string,
  run: () => T | Promise<T>,
  left = unchanged,
): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw named(error, plugin, doing, left);
  }
}

function named(error: unknown, plugin: string, doing: string, left?: string): unknown {
  if (isFlatminError(error) || (isObject(error) && fromLosses.has(error))) return error;
  return faulty(plugin, `threw ${doing}: ${saying(error)}`, error, left);
}
