import { filterNormalized, type LossSurface, modelSurface } from '@flatmin/analysis';
import { RandomStream } from '@flatmin/core';
import type { ClassificationDataSet, Model } from '@flatmin/core/plugin';
import { alphas, type Slice } from './slice.js';

/** Examples of the training data, the same ones in every slice, with the labels that the run trains on. */
const sliceExamples = 256;
/** Draws the examples, and the direction. */
const sliceSeed = 7;

/** Measures slices of one run, a point at a time, since all points at once would hold the page up. */
export class Slicer {
  readonly #surface: LossSurface;
  #direction: Float32Array | undefined;
  #losses: number[] = [];
  #of: Pick<Slice, 'step' | 'reach'> = { step: 0, reach: null };

  private constructor(surface: LossSurface) {
    this.#surface = surface;
  }

  static async open(model: Model, dataset: ClassificationDataSet): Promise<Slicer> {
    const settings = { examples: sliceExamples, batchSize: sliceExamples, seed: sliceSeed, eager: true };
    return new Slicer(await modelSurface(model, dataset, settings));
  }

  /** Forgets the points so far: the next one begins a slice through the weights of then. */
  restart(): void {
    this.#direction = undefined;
  }

  /**
   * Measures the next point, and gives the slice if it was the last one. All points are those of the weights at the
   * first, though the run goes on in between.
   */
  async next(now: Pick<Slice, 'step' | 'reach'>): Promise<Slice | undefined> {
    const direction = this.#direction ?? (await this.#begin(now));
    const { weights } = this.#surface;
    const alpha = alphas[this.#losses.length]!;
    const { loss } = await this.#surface.value(weights.map((weight, i) => weight + alpha * direction[i]!));
    this.#losses.push(loss);
    if (this.#losses.length < alphas.length) return undefined;
    this.restart();
    return { ...this.#of, weights, losses: this.#losses, length: lengthOf(direction) };
  }

  async #begin(now: Pick<Slice, 'step' | 'reach'>): Promise<Float32Array> {
    await this.#surface.reread();
    this.#of = now;
    this.#losses = [];
    // The same random numbers for every run and slice; only the lengths of their filters follow the weights.
    const random = new RandomStream(sliceSeed).at('slice');
    this.#direction = filterNormalized(this.#surface.weights, this.#surface.parameters, random);
    return this.#direction;
  }

  dispose(): void {
    this.#surface.dispose();
  }
}

const lengthOf = (vector: Float32Array): number => Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
