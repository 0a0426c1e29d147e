import { loadBackend } from '@flatmin/backend';
import { FlatminError, type FlatminContainer, type Spec } from '@flatmin/core';
import { suggestion } from '@flatmin/core/internal';
import { type DataSet, type Plugin, show, taskOf } from '@flatmin/core/plugin';
import type { Distribution } from '@flatmin/experiments';
import { checkConfig, checkWithData, parseJson, type PluginTrust } from '@flatmin/experiments/internal';
import { counted, print, warn } from '@flatmin/experiments/terminal';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { openData } from '../data/dataSpec.js';
import { inspect } from '../data/inspect.js';
import { summaryText } from '../data/summaryText.js';
import { exampleOptimizer } from '../plugins/exampleConfig.js';
import { pluginById } from '../plugins/pluginById.js';
import { UsageError } from '../terminal/usageError.js';
import { commentedConfig } from './commentedConfig.js';
import { columnsOfTable } from './labelOfTable.js';
import { choiceOf, type ModelChoice, modelsForData } from './modelsForData.js';
import { canAsk, Left, type Questions, questionsOn } from './questions.js';

export interface InitOptions extends PluginTrust {
  readonly data?: string;
  readonly label?: string;
  readonly model?: string;
  readonly method?: string;
  readonly out: string;
  readonly yes?: true;
  readonly force?: true;
}

/** Where somebody is asked; undefined where what is not given is chosen by the data. */
type Asked = Questions | undefined;

/** Values of data that are read wholly to tell what they hold: seconds of reading. */
const readAll = 2e8;

const methodKinds = ['variant', 'meta', 'base'] as const;
/** Methods that are offered first. */
const first = ['lets', 'sam', 'asam', 'momentum', 'adamw'];

/** Asks for data, model and method, or takes them from options, and writes a config that was checked with its data. */
export async function initCommand(
  options: InitOptions,
  distribution: Distribution,
  asked: Asked = askedOf(options),
): Promise<void> {
  requireFree(options);
  try {
    await init(options, asked, distribution);
  } catch (error) {
    if (!(error instanceof Left)) throw error;
    warn('Nothing was written.');
    process.exitCode = 130;
  }
}

async function init(options: InitOptions, asked: Asked, distribution: Distribution): Promise<void> {
  const { out } = options;
  const data =
    options.data ??
    (await (asked as Questions).text('Your data: a file, a folder, or a data set', 'my.csv, or digits'));
  const { container, spec } = await openData(data, options, distribution);
  requireKnown(options, container.plugins());
  await loadBackend('cpu'); // As `data check`: nothing is trained.
  const dataSpec = await withLabel(spec, options.label, asked, container);
  const dataset = await container.createDataSet(dataSpec);
  await tellData(dataset);
  const model = await modelOf(options.model, dataset, asked, container);
  const optimizer = await optimizerOf(options.method, model, asked, container);
  const isWrapped = pluginById(optimizer.use, container.plugins(), ...methodKinds).kind !== 'base';
  const config = {
    ...(options.plugin && { plugins: options.plugin }),
    dataset: dataSpec,
    model: model.spec,
    optimizer,
    epochs: 20,
    batchSize: Math.min(64, dataset.train.size),
    seeds: [0, 1, 2],
    ...(isWrapped && { learningRate: { schedule: 'cosine' } }),
  };
  await checkWithData(checkConfig(config, out, container), dataset, container, out);
  await writeFile(out, commentedConfig(config, commentsOf(config, dataset, container), headOf(out)));
  print(`Wrote ${out}. Next: flatmin train ${out}`);
}

/** @throws FlatminError RUN_INVALID where a file would be overwritten. */
function requireFree({ out, force }: InitOptions): void {
  if (force === true || !existsSync(out)) return;
  throw new FlatminError('RUN_INVALID', `${out} exists already. Name another file with --out, or add --force.`);
}

/** @throws UsageError where something is missing, and nobody can be asked. */
function askedOf({ data, model, method, yes }: InitOptions): Asked {
  if (yes !== true && canAsk()) return questionsOn({ output: process.stderr });
  const missing = [
    ...(data === undefined ? ['--data'] : []),
    ...(yes !== true && model === undefined ? ['--model'] : []),
    ...(yes !== true && method === undefined ? ['--method'] : []),
  ];
  if (missing.length === 0) return undefined;
  throw new UsageError(
    `${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing, and there is no terminal to ask on. Give ${missing.length === 1 ? 'it' : 'them'}, ` +
      'or --data and --yes: flatmin init --data my.csv --yes.',
  );
}

/** Refuses ids that nobody has before the data is read, which may take its time. */
function requireKnown({ model, method }: InitOptions, plugins: readonly Plugin[]): void {
  if (model !== undefined && !isSpec(model)) pluginById(model, plugins, 'model');
  if (method !== undefined && !isSpec(method)) pluginById(method, plugins, ...methodKinds);
}

/** The spec with the column to predict, where the data are a table and it is not named `label`. */
async function withLabel(spec: Spec, given: string | undefined, asked: Asked, container: FlatminContainer) {
  const table = 'label' in spec ? undefined : await columnsOfTable(spec, container);
  if (table === undefined) return given === undefined ? spec : { ...spec, label: given };
  const { names } = table;
  const usual = names.includes('label') ? 'label' : undefined;
  // The last column first: it is the label of most tables.
  const label =
    given ??
    usual ??
    (await asked?.choice(
      'The column to predict',
      [...names].reverse().map((value) => ({ value })),
    ));
  if (label === undefined) {
    throw new FlatminError(
      'RUN_INVALID',
      `${String(spec['file'])} has no column named label. Say which one to predict with --label: ${names.join(', ')}.`,
    );
  }
  if (!names.includes(label)) {
    const remedy = suggestion(label, names, `Its columns are ${names.join(', ')}.`);
    throw new FlatminError('RUN_INVALID', `${String(spec['file'])} has no column ${show(label)}. ${remedy}`);
  }
  const task = table.taskOf(label);
  return { ...spec, ...(label !== 'label' && { label }), ...(task === 'regression' && { task }) };
}

/** What the data hold, by reading all of them where that takes seconds. */
async function tellData(dataset: DataSet): Promise<void> {
  const { train, validation, test, inputShape, id } = dataset;
  const examples = train.size + validation.size + test.size;
  const values = examples * inputShape.reduce((product, size) => product * size, 1);
  if (values <= readAll) {
    warn(`Reading data: ${id}, ${counted(examples, 'example')}`);
    print(`${summaryText(await inspect(dataset))}\n`);
  } else {
    print(`${sizesOf(dataset)}. 'flatmin data check' reads all of it.\n`);
  }
}

function sizesOf(dataset: DataSet): string {
  const { train, validation, test, classes } = dataset;
  const count = (size: number): string => size.toLocaleString('en-US');
  const what = taskOf(dataset) === 'classification' ? `, ${count(classes)} classes` : `, ${taskOf(dataset)}`;
  return `${count(train.size)} examples to train, ${count(validation.size)} to validate, ${count(test.size)} to test${what}`;
}

async function modelOf(
  given: string | undefined,
  dataset: DataSet,
  asked: Asked,
  container: FlatminContainer,
): Promise<ModelChoice> {
  const plugins = container.plugins();
  if (isSpec(given)) return { spec: specOf(given, '--model') };
  const fitting = modelsForData(dataset, plugins);
  const descriptionOf = (id: string) => plugins.find((plugin) => plugin.id === id)?.description;
  const choices = fitting.map(({ spec: { use } }) => ({ value: use, hint: descriptionOf(use) ?? '' }));
  const id = given ?? (await asked?.choice('The model', choices)) ?? choices[0]?.value ?? 'mlp';
  return fitting.find(({ spec }) => spec.use === id) ?? choiceOf(pluginById(id, plugins, 'model'));
}

async function optimizerOf(
  given: string | undefined,
  { base }: ModelChoice,
  asked: Asked,
  container: FlatminContainer,
): Promise<Spec> {
  if (isSpec(given)) return specOf(given, '--method');
  const methods = container.plugins().filter(({ kind }) => (methodKinds as readonly string[]).includes(kind));
  const rank = (id: string): number => (first.includes(id) ? first.indexOf(id) : first.length);
  const choices = [...methods]
    .sort((a, b) => rank(a.id) - rank(b.id))
    .map(({ id, description }) => ({ value: id, hint: description ?? '' }));
  const id = given ?? (await asked?.choice('The method', choices)) ?? 'sam';
  const plugin = pluginById(id, methods, ...methodKinds);
  return exampleOptimizer(plugin, plugin.example?.base ?? base);
}

const isSpec = (given: string | undefined): given is string => given?.trimStart().startsWith('{') === true;
const specOf = (text: string, option: string): Spec => parseJson(text, option) as Spec;

const headOf = (out: string): string =>
  `Written by flatmin init. 'flatmin train ${out} --check' checks it, 'flatmin train ${out}' trains. ` +
  "Every field: 'flatmin schema'; every option of a plugin: 'flatmin plugins ID'.";

function commentsOf(
  {
    model,
    optimizer,
    learningRate,
  }: { readonly model: Spec; readonly optimizer: Spec; readonly learningRate?: object },
  dataset: DataSet,
  container: FlatminContainer,
): Readonly<Record<string, string>> {
  const pluginOf = ({ use }: Spec) => container.plugins().find(({ id }) => id === use);
  const evaluations = pluginOf(optimizer)?.about?.evaluations;
  const cost = evaluations === undefined ? '' : ` Gradient evaluations per step: ${evaluations}.`;
  return {
    dataset: `${sizesOf(dataset)}.`,
    model: pluginOf(model)?.description ?? model.use,
    optimizer: `${pluginOf(optimizer)?.description ?? optimizer.use}${cost}`,
    seeds: 'One run for each seed: a single one cannot show what is chance.',
    ...(learningRate && { learningRate: 'From the learning rate of the base down to 0.' }),
  };
}
