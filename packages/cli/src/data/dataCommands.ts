import { loadBackend } from '@flatmin/backend';
import { contactSheet, imageShapeOf } from '@flatmin/data/node';
import { describeOptions } from '@flatmin/core/plugin';
import { writeFile } from 'node:fs/promises';
import { print, printJson } from '@flatmin/experiments/terminal';
import type { Distribution } from '@flatmin/experiments';
import { namedHere, openContainer, type PluginTrust } from '@flatmin/experiments/internal';
import { dataSetPlugins, openData } from './dataSpec.js';
import { inspect, type partNames } from './inspect.js';
import { exampleLines, featureNamesOf, sampleExamples } from './preview.js';
import { summaryText } from './summaryText.js';

export interface DataListOptions {
  readonly json?: true;
  readonly plugin?: readonly string[];
}

/** Lists the data sets that a spec can name. */
export async function dataList(options: DataListOptions, distribution: Distribution): Promise<void> {
  const { container } = await openContainer(namedHere(options.plugin), distribution);
  const plugins = dataSetPlugins(container).map((plugin) => ({
    id: plugin.id,
    description: plugin.description ?? '',
    readsFolder: plugin.detect !== undefined,
    readsFile: plugin.detectFile !== undefined,
    options: describeOptions(plugin).map(({ name }) => name),
  }));
  if (options.json) {
    printJson(plugins);
    return;
  }
  for (const { id, description, readsFolder, readsFile, options: names } of plugins) {
    print(`${id}: ${description}\n  options: ${names.join(', ')}`);
    if (readsFolder) print(`  reads folders: flatmin data check DIR`);
    if (readsFile) print(`  reads single files: flatmin data check FILE`);
  }
}

/** Reads all of a data set, and tells what it holds. */
export async function dataCheck(
  what: string,
  options: DataListOptions & PluginTrust,
  distribution: Distribution,
): Promise<void> {
  const { container, spec } = await openData(what, options, distribution);
  await loadBackend('cpu');
  const summary = await inspect(await container.createDataSet(spec));
  if (options.json) printJson({ spec, ...summary });
  else print(`${JSON.stringify(spec)}\n${summaryText(summary)}`);
}

export interface PreviewOptions extends PluginTrust {
  readonly part: (typeof partNames)[number];
  readonly count: number;
  readonly out: string;
}

/** Shows some examples: images as a contact sheet, a row a class; anything else as text. */
export async function dataPreview(what: string, options: PreviewOptions, distribution: Distribution): Promise<void> {
  const { container, spec } = await openData(what, options, distribution);
  await loadBackend('cpu');
  const dataset = await container.createDataSet(spec);
  const rows = await sampleExamples(dataset, dataset[options.part], options.count);
  const isImage = dataset.vocabulary === undefined && featureNamesOf(dataset) === undefined;
  const shape = isImage ? imageShapeOf(dataset.inputShape) : undefined;
  if (shape === undefined) {
    print(exampleLines(dataset, rows.flat()).join('\n'));
    return;
  }
  const images = rows.map((row) => row.map(({ x }) => x));
  await writeFile(options.out, contactSheet(images, shape));
  const names = 'classNames' in dataset ? dataset.classNames : undefined;
  print(`${options.out}: ${rows.flat().length} images of ${dataset.id}, ${options.part}`);
  rows.forEach((_, label) => print(`  row ${label + 1}: ${names?.[label] ?? `class ${label}`}`));
}
