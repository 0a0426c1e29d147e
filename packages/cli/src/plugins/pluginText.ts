import { describeLevel } from '@flatmin/core/internal';
import { describeOptions, type OptionDescription, type Plugin, type PluginKind } from '@flatmin/core/plugin';
import { wrapped } from '@flatmin/experiments/internal';
import { heading, terminalText } from '@flatmin/experiments/terminal';
import { configText, exampleConfig } from './exampleConfig.js';

/** Columns that a page takes where the terminal has more: long lines are hard to read. */
const widest = 100;

/** Everything that a plugin says of itself, in lines that fit a terminal. */
export function pluginText(plugin: Plugin, columns = 80): string {
  const width = Math.min(columns, widest);
  const { kind, id, description = '', readsBack } = plugin;
  const { ofKind, once } = describeLevel(kind);
  const own = describeOptions(plugin);
  // What a plugin has under a name of its level, as LETS its groups, is the plugin's own.
  const besides = ofKind.filter(({ name }) => own.every((option) => option.name !== name));
  return [
    [heading(`${id} (${kind})`), terminalText(wrapped(description, width))].filter(Boolean).join('\n'),
    factsText(plugin, width),
    optionsText('Options', own, width),
    optionsText(kind === 'meta' ? 'What it wraps' : 'Options of every variant', besides, width),
    optionsText('Options of every optimizer, once at any level', once, width),
    readsBack === undefined ? '' : terminalText(wrapped(`It reads values back in each step: ${readsBack}.`, width)),
    `${heading('A config to copy')}\n${terminalText(configText(exampleConfig(plugin), width))}`,
  ]
    .filter(Boolean)
    .join('\n\n');
}

const factWidth = 15;

/** Paper, formula and cost. */
function factsText({ kind, about }: Plugin, width: number): string {
  if (about === undefined) return kind === 'base' ? `${'Cost'.padEnd(factWidth)}1 (gradient evaluations per step)` : '';
  const { paper, direction, finalGradient, evaluations, state } = about;
  const link = /arXiv (?<id>\d{4}\.\d{4,5})/.exec(paper)?.groups?.['id'];
  const facts = {
    Paper: paper,
    ...(link !== undefined && { '': `https://arxiv.org/abs/${link}` }),
    Offset: `rho d, where d = ${direction}`,
    'The base gets': finalGradient,
    Cost: `${evaluations} (gradient evaluations per step)`,
    State: state,
  };
  const lines = Object.entries(facts).map(([name, text]) => hanging(name.padEnd(factWidth), text, width));
  const symbols = 'g: the gradient at the weights; gp: the one at the offset';
  return [...lines, hanging(' '.repeat(factWidth), symbols, width)].join('\n');
}

/** A head, and below each other the lines of a text. */
function hanging(head: string, text: string, width: number): string {
  const [first = '', ...rest] = terminalText(wrapped(text, width - head.length)).split('\n');
  return [`${terminalText(head)}${first}`, ...rest.map((line) => `${' '.repeat(head.length)}${line}`)].join('\n');
}

function optionsText(title: string, options: readonly OptionDescription[], width: number): string {
  if (options.length === 0) return '';
  const lines = options.flatMap(({ name, description, ...option }) => [
    hanging(`  ${name}  `, `${option.type}, ${givenText(option)}`, width),
    ...(description === '' ? [] : [hanging('      ', description, width)]),
  ]);
  return [heading(title), ...lines].join('\n');
}

function givenText(option: Omit<OptionDescription, 'name' | 'description'>): string {
  if (option.required) return 'required';
  return 'default' in option ? `default ${JSON.stringify(option.default)}` : 'optional';
}

/** What a list begins with, in the order in which a config names them. */
export const headings: Readonly<Record<PluginKind, string>> = {
  variant: 'Variants, each over a base:',
  meta: 'Around a variant:',
  base: 'Bases, which take the steps; they also work alone:',
  dataset: 'Data sets:',
  model: 'Models:',
};
