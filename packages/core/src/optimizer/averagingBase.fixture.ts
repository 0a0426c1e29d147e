import * as tf from '@tensorflow/tfjs-core';
import * as z from 'zod';
import type { BaseOptimizer, EndedStep, SlotValues } from '../base/contract.js';
import { createContainer } from '../compose/container.js';
import { definePlugin, type Plugin } from '../plugin/plugin.js';
import { pluginOf, toyAverage, toySamPlugin } from '../toys.fixture.js';
import type { SharpnessAwareOptimizer } from './optimizer.js';
import type { SharpnessVariant } from '../variant/variant.js';

interface Settings {
  readonly learningRate: number;
  readonly alone: boolean;
  readonly gives: 'average' | 'nothing' | 'too few';
}

/**
 * SGD that evaluates by half of the last average and half of the weights, from the weights after the first step: the
 * smallest base with weights to evaluate with.
 */
export class AveragingBase implements BaseOptimizer {
  readonly id = 'averaging';
  readonly isReplayable = true;
  readonly movesAlone: boolean;
  learningRate: number;
  readonly #gives: Settings['gives'];
  #averages: tf.Variable[] = [];

  constructor({ learningRate, alone, gives }: Settings) {
    this.learningRate = learningRate;
    this.movesAlone = alone;
    this.#gives = gives;
  }

  apply(variables: readonly tf.Variable[], gradients: readonly (tf.Tensor | undefined)[]): void {
    variables.forEach((variable, i) => {
      const gradient = gradients[i];
      if (gradient) variable.assign(tf.tidy(() => tf.sub(variable, tf.mul(this.learningRate, gradient))));
    });
  }

  afterStep({ variables, active }: EndedStep): void {
    variables.forEach((variable, i) => {
      const average = this.#averages[i];
      if (average === undefined) this.#averages.push(tf.tidy(() => variable.clone().variable(false)));
      else if (active[i]) average.assign(tf.tidy(() => tf.mul(0.5, tf.add(average, variable))));
    });
  }

  evaluationWeights(weights: readonly tf.Tensor[]): tf.Tensor[] | undefined {
    if (this.#gives === 'nothing') return undefined;
    const copies = this.#averages.map((average) => average.clone());
    return this.#gives === 'too few' ? copies.slice(1) : copies.slice(0, weights.length);
  }

  option(): undefined {
    return undefined;
  }

  slot(name: string): tf.Tensor[] | undefined {
    return name === 'average' ? this.#averages : undefined;
  }

  owned(): Iterable<tf.Variable> {
    return this.#averages;
  }

  async save(): Promise<SlotValues> {
    return { slots: this.#averages.length === 0 ? {} : { average: this.#averages }, scalars: {} };
  }

  restore({ slots }: SlotValues): void {
    tf.dispose(this.#averages);
    this.#averages = (slots['average'] ?? []).map((value) => tf.tidy(() => value.clone().variable(false)));
  }

  dispose(): void {
    this.restore({ slots: {}, scalars: {} });
  }
}

export const averagingPlugin = definePlugin({
  kind: 'base',
  id: 'averaging',
  apiVersion: 1,
  description: 'SGD that evaluates by an average.',
  options: z.strictObject({
    learningRate: z.number().default(0.1),
    alone: z.boolean().default(false),
    gives: z.enum(['average', 'nothing', 'too few']).default('average'),
  }),
  create: (settings) => new AveragingBase(settings),
}) as Plugin<'base'>;

/** An optimizer over it. */
export function averagingOptimizer(
  options: Partial<Settings> = {},
  variant?: SharpnessVariant<unknown>,
): SharpnessAwareOptimizer {
  const plugins = [toySamPlugin, pluginOf(toyAverage), averagingPlugin, ...(variant ? [pluginOf(variant)] : [])];
  const container = createContainer({ plugins });
  const use = variant?.id ?? 'toy-sam';
  return container.createOptimizer({ use, rho: 0.1, base: { use: 'averaging', ...options } } as never);
}
