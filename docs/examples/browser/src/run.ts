import { RandomStream, type SharpnessAwareOptimizer } from '@flatmin/core';
import { type Batch, type ClassificationDataSet, type Model, throwProblems } from '@flatmin/core/plugin';
import { mnist1d } from '@flatmin/dataset-mnist1d';
import { validationBatches, type ValidationLoss } from '@flatmin/lets';
import { mlp } from '@flatmin/model-mlp';
import { crossEntropyPerExample, encodeLabels, train } from '@flatmin/training';
import * as tf from '@tensorflow/tfjs-core';
import { container, type Method } from './methods.js';
import type { Slice } from './slice.js';
import { Slicer } from './slicer.js';
import type { Turns } from './turns.js';

export interface RunSettings {
  readonly method: Method;
  readonly radius: number;
  readonly learningRate: number;
  /** The share of training labels that is wrong. */
  readonly noise: number;
  readonly epochs: number;
}

/** A step, as it was measured. */
export interface PackedMetrics {
  readonly step: number;
  readonly epoch: number;
  /** Of its batch, before its update. */
  readonly loss: number;
  /** rho after it; null where the method has none. */
  readonly radius: number | null;
  readonly milliseconds: number;
}

/** How a run stood at a step: what is drawn. */
export interface Point {
  readonly step: number;
  readonly radius: number | null;
  /** Mean over the steps since the last point. */
  readonly loss: number;
  /** On the whole test set. */
  readonly accuracy: number;
  /** In the memory of the backend, both runs together. */
  readonly tensors: number;
}

export interface Watcher {
  onStep(figures: PackedMetrics): void;
  onPoint(point: Point): void;
  onSlice(slice: Slice): void;
  /** It has ended with this error; other runs go on. */
  onFailure(error: unknown): void;
}

/** How long the page trains. */
export const epochs = 40;

/** Steps between two points: a third of an epoch, which is 57 steps of 64 of the 3,600 examples. */
export const pointEvery = 19;

/** Steps between two points of a slice, which takes 21 of them: it is drawn anew every 42 steps. */
const slicePointEvery = 2;

const seed = 1;

/** What a run of this share of wrong labels trains, and on what: the same weights each time. */
export function taskOf(noise: number): { readonly dataset: ClassificationDataSet; readonly model: Model } {
  const dataset = mnist1d(noise === 0 ? {} : { labelNoise: { kind: 'symmetric', rate: noise } });
  const { classes, inputShape } = dataset;
  const random = new RandomStream(seed).at('model');
  return { dataset, model: mlp({ hidden: [100, 100] }, { classes, inputShape, random }) };
}

interface Parts extends ReturnType<typeof taskOf> {
  readonly heldOut: Batch;
  readonly slicer: Slicer;
}

/** Refuses settings that cannot train, before anything is made. */
export function checkSettings({ learningRate, method, radius }: RunSettings): void {
  const validationLoss = (): tf.Scalar => tf.scalar(0);
  throwProblems(container.problems('optimizer', method.spec(radius, learningRate), { validationLoss }), method.name);
}

/** One training run. All runs start from the same weights and see the same batches: only their settings differ. */
export class Run {
  readonly #settings: RunSettings;
  readonly #turns: Turns;
  readonly #model: Model;
  readonly #dataset: ClassificationDataSet;
  readonly #validationLoss: ValidationLoss;
  readonly #optimizer: SharpnessAwareOptimizer;
  readonly #slicer: Slicer;
  /** Of the steps to come. */
  learningRate: number;

  private constructor(settings: RunSettings, turns: Turns, { dataset, heldOut, model, slicer }: Parts) {
    const { learningRate, method, radius } = settings;
    this.#settings = settings;
    this.#turns = turns;
    this.learningRate = learningRate;
    this.#dataset = dataset;
    this.#model = model;
    this.#slicer = slicer;
    this.#validationLoss = validationBatches(heldOut, (x, y) =>
      tf.mean(crossEntropyPerExample(encodeLabels(y, dataset.classes), model.apply(x) as tf.Tensor2D)),
    );
    this.#optimizer = container.createOptimizer(method.spec(radius, learningRate), {
      validationLoss: this.#validationLoss,
    });
  }

  /** Makes the data of a run, reads what is held out, and builds the rest. */
  static async open(settings: RunSettings, turns: Turns): Promise<Run> {
    const { dataset, model } = taskOf(settings.noise);
    const slicer = await Slicer.open(model, dataset);
    const { validation } = dataset;
    for await (const heldOut of validation.batches({ batchSize: validation.size })) {
      const run = new Run(settings, turns, { dataset, heldOut, model, slicer });
      tf.dispose([heldOut.x, heldOut.y]);
      return run;
    }
    throw new Error('mnist1d holds nothing out'); // It holds out a tenth.
  }

  /** Takes effect with the next step. */
  set radius(radius: number) {
    this.#optimizer.radius = radius;
  }

  /** Trains until the end, or until `signal` says so; then everything it held is freed. */
  async train({ onFailure, onPoint, onSlice, onStep }: Watcher, signal: AbortSignal): Promise<void> {
    let endTurn = (): void => undefined;
    const nextTurn = async (): Promise<void> => {
      endTurn();
      endTurn = await this.#turns.take();
    };
    // In a turn of its own, so that there may be a frame between a step and a point.
    const slice = async (): Promise<boolean> => {
      await nextTurn();
      const found = await this.#slicer.next(now);
      if (found !== undefined) onSlice(found);
      return found !== undefined;
    };
    let started = 0;
    let now: Pick<Slice, 'step' | 'reach'> = { step: 0, reach: null };
    let logged: Pick<Point, 'loss' | 'radius'> = { loss: NaN, radius: null };
    try {
      await train({
        dataset: this.#dataset,
        model: this.#model,
        optimizer: this.#optimizer,
        epochs: this.#settings.epochs,
        batchSize: 64,
        seed,
        learningRate: () => this.learningRate,
        evaluate: { parts: ['test'], everySteps: pointEvery },
        logEvery: pointEvery,
        signal,
        callbacks: [
          {
            onBatch: async () => {
              await nextTurn();
              started = performance.now();
            },
            onStep: async ({ epoch, step }) => {
              const { loss, radius, radiusAfter } = await this.#optimizer.readLastStep();
              const milliseconds = performance.now() - started;
              onStep({ step, epoch, loss, radius: radiusAfter ?? radius, milliseconds });
              now = { step, reach: this.#settings.method.isDistance ? (radiusAfter ?? radius) : null };
              if (step % slicePointEvery === 0) await slice();
            },
            onLog: ({ loss, radius }) => void (logged = { loss, radius }),
            onEvaluation: ({ accuracy = NaN, step }) =>
              onPoint({ step, ...logged, accuracy, tensors: tf.memory().numTensors }),
          },
        ],
      });
      // The last slice is that of the trained network.
      this.#slicer.restart();
      while (!signal.aborted && !(await slice()));
    } catch (error) {
      onFailure(error);
    } finally {
      endTurn();
      this.#slicer.dispose();
      this.#optimizer.dispose();
      this.#validationLoss.dispose();
      this.#model.dispose();
    }
  }
}
