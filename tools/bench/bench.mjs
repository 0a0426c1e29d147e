// The benchmark: `npm run bench`. See options.mjs for what it takes, docs/reference/benchmarks.md for what it gives.
import { loadBackend } from '@flatmin/backend';
import { progressDisplay } from '@flatmin/training/node';
import { officialPlugins } from 'flatmin';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, release, totalmem, type } from 'node:os';
import path from 'node:path';
import { loadGraph } from './captured.mjs';
import { measureCommands } from './commands.mjs';
import { measureGrowth } from './growth.mjs';
import { Instruments } from './instruments.mjs';
import { measureModel } from './measure.mjs';
import { methodsOf } from './methods.mjs';
import { createModel, models } from './models.mjs';
import { readOptions, usage } from './options.mjs';
import { benchmarkPage } from './page.mjs';
import { drawPlots } from './plots.mjs';
import { otherLibrary } from './python.mjs';
import { subjectsOf } from './subjects.mjs';
import { judged } from './targets.mjs';

const growthSeconds = 90;
const commandSeconds = 70;

function machineOf(versions) {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown CPU',
    cores: availableParallelism(),
    memory: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()}`,
    node: versions.node,
    tfjs: versions.tfjs,
    tensorflow: versions.backend,
  };
}

/** Progress over sections, each of which is given some seconds and takes about as many. */
function progressOver(sections) {
  const total = sections.reduce((sum, { seconds }) => sum + seconds, 0);
  const display = progressDisplay({ total, from: 0 });
  let done = 0;
  return {
    through: async ({ title, seconds, work }) => {
      const start = performance.now();
      const tick = () =>
        display.update(done + Math.min(seconds, (performance.now() - start) / 1000), { measuring: title });
      tick();
      await work(tick);
      done += seconds;
    },
    stop: () => display.stop(),
  };
}

/** A section for each thing that is measured: its title, its share of the time, and how it is measured. */
function sectionsOf(options, { graph, instruments, libraries }, results) {
  const { rounds, quick } = options;
  const scaled = (seconds) => (quick ? seconds / 20 : seconds);
  const ofModel = (description) => async (tick) => {
    const model = createModel(description);
    const subjects = subjectsOf(description, officialPlugins, graph, options.subjects);
    const guests = libraries.flatMap((library) => library.subjectsOf?.(description.id) ?? []);
    const plan = { ...description, seconds: scaled(description.seconds), rounds, tick };
    const rows = await measureModel(model, subjects, guests, instruments, plan);
    const { parameters, variables } = model;
    results.models.push({ id: description.id, title: description.title, parameters, tensors: variables.length, rows });
    model.dispose();
  };
  const growth = async (tick) => {
    const { references } = subjectsOf({}, [], graph, []);
    const measure = (model, plan) =>
      measureModel(model, { references, others: [] }, [], instruments, { ...plan, rounds });
    results.growth = await measureGrowth(measure, { seconds: scaled(growthSeconds), tick });
  };
  const commands = async () => (results.commands = await measureCommands(options));
  const all = [
    ...models
      .filter(({ id }) => options.models.includes(id))
      .map((each) => ({ section: 'models', title: each.title, seconds: each.seconds, work: ofModel(each) })),
    { section: 'growth', title: 'growth', seconds: growthSeconds, work: growth },
    { section: 'commands', title: 'commands', seconds: commandSeconds, work: commands },
  ];
  return all.filter(({ section }) => options.sections.includes(section));
}

async function measure(options) {
  const { versions } = await loadBackend('tensorflow');
  const { graph, missing } = await loadGraph();
  const libraries = await Promise.all(['torch', 'jax'].map((mode) => otherLibrary(options.python, mode)));
  const notes = [...(missing ? [missing] : []), ...libraries.map(({ note }) => note)];
  for (const note of notes) console.error(note);
  const start = performance.now();
  const results = { machine: machineOf(versions), notes, models: [] };
  const sections = sectionsOf(options, { graph, instruments: new Instruments(), libraries }, results);
  const progress = progressOver(sections);
  try {
    for (const section of sections) await progress.through(section);
  } finally {
    progress.stop();
    for (const library of libraries) await library.stop?.();
  }
  for (const { mode, failure } of libraries) if (failure?.()) notes.push(`${mode} ended early: ${failure()}`);
  return { ...results, seconds: (performance.now() - start) / 1000, written: new Date().toISOString().slice(0, 10) };
}

async function write(results, out) {
  const folder = path.join(out, 'benchmarks');
  mkdirSync(folder, { recursive: true });
  for (const [file, , svg] of await drawPlots(results)) writeFileSync(path.join(folder, file), `${svg}\n`);
  writeFileSync(path.join(out, 'benchmarks.json'), `${JSON.stringify(results, null, 1)}\n`);
  writeFileSync(path.join(out, 'benchmarks.md'), benchmarkPage(results, 'benchmarks'));
  console.log(`${path.join(out, 'benchmarks.md')}, benchmarks.json and benchmarks/*.svg`);
  const verdicts = judged(results);
  const count = (met) => verdicts.filter((each) => each.met === met).length;
  for (const { id, rows } of results.models) {
    for (const { subject, mode, failed } of rows.filter((each) => each.failed !== undefined)) {
      console.error(`${id}, ${subject} ${mode} failed: ${failed}`);
      process.exitCode = 1;
    }
  }
  console.log(`targets: ${count(true)} met, ${count(false)} not met, ${count(undefined)} not measured`);
}

/** @type {any} */
let options;
try {
  options = readOptions(
    process.argv.slice(2),
    methodsOf(officialPlugins).map(({ id }) => id),
  );
} catch (error) {
  console.error(`${error.message}\n\n${usage}`);
  process.exit(1);
}
if (options.help) console.log(usage);
else await write(options.from ? JSON.parse(readFileSync(options.from, 'utf8')) : await measure(options), options.out);
