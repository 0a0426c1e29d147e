import type { Clock } from '@flatmin/core';
import { systemClock } from '@flatmin/core/internal';
import { contactSheet, imageShapeOf } from '@flatmin/data/node';
import * as tf from '@tensorflow/tfjs-core';
import type { BatchEvent, Callbacks } from '../loop/callbacks.js';
import { EventFile, type EncodedImage } from './eventFile.js';
import { type HParams, sessionEnd, sessionStart } from './hparams.js';

export interface TensorBoardOptions {
  /**
   * Images of the first batch of each epoch that are shown, as the model gets them, augmented; 0 shows none. Default
   * 16.
   */
  readonly images?: number;
  /**
   * Settings of the run, which its text `config` lists and by which its HParams tab shows runs beside their last
   * metrics. Default: none, and neither.
   */
  readonly hparams?: HParams | undefined;
  /** Dates the events; default: the system's. */
  readonly clock?: Clock | undefined;
}

/** Bytes before the height in a PNG file, whose header begins with width and height. */
const pngWidthAt = 16;

/**
 * Callbacks that write a run for TensorBoard: `tensorboard --logdir DIRECTORY`.
 *
 * | tag | when |
 * | --- | --- |
 * | `step/loss`, `step/rho`, `step/learning_rate`, `step/gradient_evaluations` | at every log event |
 * | `optimizer/...`: what else the last step reported in numbers: `gap`, `hypergradient`, `perturbationNorm`, ... | at every log event |
 * | `train/...`, `validation/...`, `test/...`: `loss`, `accuracy`, scores of the data set, ... | at every evaluation |
 * | `probe/...`: `eigenvalue`, `sharpness`, ... | whenever the run's `probe` measures |
 * | `batch/images` | at the first step of an epoch, where examples are images |
 * | `config`: `hparams` as text, a line for each | at its start |
 * | the HParams tab: `hparams`, all scalars, and how the run ended | at its start and end; a run that was stopped has not ended |
 *
 * The files are written in JavaScript, so that it works on every backend. A run that is resumed adds a file, which
 * tells TensorBoard to forget what was written of the steps that are done again.
 *
 * Cost: no read-back beyond those of the log events, but for the pixels of one batch an epoch.
 *
 * @param directory of one run, made when needed; runs side by side in one folder are compared.
 * @example
 * ```ts
 * await train({ ..., callbacks: [tensorBoard('logs/sam-0.05')] });
 * ```
 */
export function tensorBoard(
  directory: string,
  { images = 16, hparams, clock = systemClock }: TensorBoardOptions = {},
): Callbacks {
  let file: EventFile | undefined;
  let [shownEpoch, lastStep] = [0, 0];
  const seconds = (): number => clock.now() / 1000;
  const events = (step: number): EventFile => {
    if (file === undefined) {
      file = new EventFile(directory, step, clock);
      if (hparams !== undefined) {
        file.pluginData(step, sessionStart(hparams, seconds()));
        file.markdown(step, 'config', asLines(hparams));
      }
    }
    lastStep = step;
    return file;
  };
  return {
    observesOnly: true,
    async onBatch(event) {
      events(event.step);
      if (images === 0 || event.epoch === shownEpoch) return;
      shownEpoch = event.epoch;
      const image = await sheetOf(event, images);
      if (image !== undefined) events(event.step).image(event.step, 'batch/images', image);
    },
    onLog({ step, loss, radius, learningRate, gradientEvaluations, lastStep: reported }) {
      const rho = radius === null ? {} : { rho: radius };
      const metrics = { loss, ...rho, learning_rate: learningRate, gradient_evaluations: gradientEvaluations };
      events(step).scalars(step, { ...under('step', metrics), ...under('optimizer', without(reported, inStep)) });
    },
    onEvaluation({ step, part, epoch: _, scores, ...metrics }) {
      events(step).scalars(step, under(part, { ...metrics, ...scores }));
    },
    onProbe({ step, values }) {
      events(step).scalars(step, under('probe', values));
    },
    onEnd({ how }) {
      const status = how === 'finished' ? 'success' : how === 'diverged' ? 'failure' : undefined;
      if (hparams !== undefined && status !== undefined) file?.pluginData(lastStep, sessionEnd(status, seconds()));
      file?.close();
      file = undefined;
    },
  };
}

/** What a step reports and `step/...` has already: once is enough. */
const inStep = new Set(['loss', 'radius', 'radiusAfter', 'gradientEvaluations']);

const without = (metrics: object, names: ReadonlySet<string>): object =>
  Object.fromEntries(Object.entries(metrics).filter(([name]) => !names.has(name)));

/** Settings as code of Markdown, which leaves lines and underscores alone. */
const asLines = (settings: HParams): string =>
  Object.entries(settings)
    .map(([name, value]) => `    ${name}: ${value}`)
    .join('\n');

/** What of the metrics is a number, by tag. */
function under(group: string, metrics: object): Record<string, number> {
  const numbers = Object.entries(metrics).filter((entry): entry is [string, number] => typeof entry[1] === 'number');
  return Object.fromEntries(numbers.map(([name, value]) => [`${group}/${name}`, value]));
}

/** The first images of a batch as one picture; undefined where they are not images. */
async function sheetOf({ x }: BatchEvent, images: number): Promise<EncodedImage | undefined> {
  const shape = x.dtype === 'float32' ? imageShapeOf(x.shape.slice(1)) : undefined;
  if (shape === undefined) return undefined;
  const pixels = shape[0] * shape[1] * shape[2];
  const count = Math.min(images, x.shape[0]);
  const shown = tf.slice(x, 0, count);
  const values = await shown.data();
  shown.dispose();
  const all = Array.from({ length: count }, (_, i) => values.subarray(i * pixels, (i + 1) * pixels));
  const perRow = Math.ceil(Math.sqrt(count));
  const rows = Array.from({ length: Math.ceil(count / perRow) }, (_, i) => all.slice(i * perRow, (i + 1) * perRow));
  const png = contactSheet(rows, shape);
  const view = new DataView(png.buffer, png.byteOffset);
  return { png, width: view.getUint32(pngWidthAt), height: view.getUint32(pngWidthAt + 4) };
}
