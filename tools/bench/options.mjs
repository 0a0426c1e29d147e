import { parseArgs } from 'node:util';
import { models } from './models.mjs';

export const usage = `npm run bench -- [options]

  --models a,b      of ${models.map(({ id }) => id).join(', ')}; default all
  --subjects a,b    variants to measure beside gradient, update, plain, sam and naive-sam: ids as in the page, or all; default all,
                    and on resnet18 those that a target speaks of, captured
  --rounds n        samples of each subject; default: as many as fit in each model's time, at least 3
  --sections a,b    of models, growth, commands; default all
  --python name     the interpreter that is asked for torch and jax; default python3
  --out folder      where benchmarks.md, benchmarks.json and benchmarks/*.svg go; default docs/reference
  --from file       write page and plots from this benchmarks.json and measure nothing
  --quick           two rounds, few subjects, no quickstart: to see whether it works, not to publish
  --help
`;

const sections = ['models', 'growth', 'commands'];
const quickSubjects = ['asam', 'looksam', 'esam', 'lets-robust'];

const list = (text) =>
  text
    ?.split(',')
    .map((each) => each.trim())
    .filter(Boolean);

function refuseUnknown(name, given, known) {
  const unknown = given.filter((each) => !known.includes(each));
  if (unknown.length > 0) throw new Error(`--${name}: ${unknown.join(', ')} is none of ${known.join(', ')}.`);
}

function positive(name, text) {
  if (text === undefined) return undefined;
  if (!/^[1-9]\d*$/.test(text)) throw new Error(`--${name} is ${text}. Use a whole number, 1 or more.`);
  return Number(text);
}

/**
 * The options of a command line.
 *
 * @param {readonly string[]} args without node and script.
 * @param {readonly string[]} methods ids that --subjects may name.
 * @throws Error with what is wrong and what there is.
 */
export function readOptions(args, methods) {
  const text = /** @type {const} */ ({ type: 'string' });
  const flag = /** @type {const} */ ({ type: 'boolean', default: false });
  const options = { models: text, subjects: text, rounds: text, sections: text, python: text, out: text, from: text };
  const { values } = parseArgs({ args: [...args], options: { ...options, quick: flag, help: flag }, strict: true });
  const { quick } = values;
  const chosen = {
    models: list(values.models) ?? models.map(({ id }) => id),
    sections: list(values.sections) ?? sections,
    subjects: list(values.subjects) ?? (quick ? quickSubjects : undefined),
  };
  refuseUnknown(
    'models',
    chosen.models,
    models.map(({ id }) => id),
  );
  refuseUnknown('sections', chosen.sections, sections);
  refuseUnknown('subjects', chosen.subjects ?? [], ['all', ...methods]);
  const subjects = chosen.subjects?.includes('all') ? methods : chosen.subjects;
  const { python = 'python3', out = 'docs/reference', from, help } = values;
  return {
    ...chosen,
    subjects,
    rounds: positive('rounds', values.rounds) ?? (quick ? 2 : undefined),
    python,
    out,
    from,
    quick,
    help,
  };
}
