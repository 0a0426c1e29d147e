import { FlatminError } from '@flatmin/core';
import { parseJson } from './parseJson.js';

type Fields = Readonly<Record<string, unknown>>;

/** A path of a config as its names. Names may hold dots themselves: where the config has such a name, it is meant. */
export function namesOf(path: string, value: unknown): readonly string[] {
  if (!isFields(value)) return path.split('.');
  const known = Object.keys(value)
    .filter((name) => path === name || path.startsWith(`${name}.`))
    .sort((a, b) => b.length - a.length)[0];
  const [name, rest] =
    known === undefined ? split(path) : [known, path === known ? undefined : path.slice(known.length + 1)];
  return rest === undefined ? [name] : [name, ...namesOf(rest, value[name])];
}

function split(path: string): readonly [string, string | undefined] {
  const at = path.indexOf('.');
  return at < 0 ? [path, undefined] : [path.slice(0, at), path.slice(at + 1)];
}

/** What stands at a path; undefined where nothing does. */
export function fieldAt(value: unknown, names: readonly string[]): unknown {
  return names.reduce(
    (inner: unknown, name) => (isHolder(inner) ? Object.getOwnPropertyDescriptor(inner, name)?.value : undefined),
    value,
  );
}

/** The same value with another one at a path; what is missing on the way is added. */
export function withField(value: unknown, names: readonly string[], field: unknown): unknown {
  const [name, ...rest] = names;
  if (name === undefined) return field;
  if (Array.isArray(value) && /^\d+$/.test(name)) {
    const copy: unknown[] = [...(value as readonly unknown[])];
    copy[Number(name)] = withField(copy[Number(name)], rest, field);
    return copy;
  }
  const holder = isFields(value) ? value : {};
  const inner = fieldAt(holder, [name]);
  // Entries, as an assignment to __proto__ would set the prototype.
  const others = Object.entries(holder).filter(([each]) => each !== name);
  const changed = [name, withField(inner, rest, field)] as const;
  const at = Object.keys(holder).indexOf(name);
  return Object.fromEntries(at < 0 ? [...others, changed] : others.toSpliced(at, 0, changed as [string, unknown]));
}

/**
 * A config with what `--set path=value` gives: `optimizer.rho=0.1`, `seeds=[0,1,2]`. A number may be written as people
 * write it (`.1`); any other value that is not JSON is a text.
 *
 * @throws FlatminError RUN_INVALID where an equals sign is missing, SPEC_INVALID for a list, an object or a text in
 *   quotes that is not JSON.
 */
export function withSettings(value: unknown, settings: readonly string[] = []): unknown {
  return settings.reduce((config: unknown, setting) => {
    const [, path, text] = /^\s*([^=]*?)\s*=(.*)$/s.exec(setting) ?? [];
    if (!path || text === undefined) {
      throw new FlatminError(
        'RUN_INVALID',
        `--set ${setting} is not a path and a value. Write --set path=value, such as --set optimizer.rho=0.1.`,
      );
    }
    return withField(config, namesOf(path, config), valueOf(text));
  }, value);
}

/** What is written as JSON and is none was meant to be: `[0,1` is not a text. */
function valueOf(text: string): unknown {
  const written = text.trim();
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(written)) return Number(written);
  try {
    return parseJson(written, '--set');
  } catch (error) {
    if (/^[[{"]/.test(written)) throw error;
    return written;
  }
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isHolder = (value: unknown): value is object => typeof value === 'object' && value !== null;
