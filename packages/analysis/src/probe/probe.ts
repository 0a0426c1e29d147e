import { isFlatminError } from '@flatmin/core';
import type { Probe } from '@flatmin/training';
import * as z from 'zod';
import { hessian } from '../curvature/hessian.js';
import type { Operator } from '../curvature/operator.js';
import { topEigenvalues } from '../curvature/topEigenvalues.js';
import { trace } from '../curvature/trace.js';
import { checkedOptions } from '../options/checkedOptions.js';
import { averageCaseSharpness, oneStepSharpness, worstCaseSharpness } from '../sharpness/sharpness.js';
import type { LossSurface } from '../surface/lossSurface.js';

/** What a probe can measure. */
export const probeMeasures = ['eigenvalue', 'trace', 'sharpness', 'worstCase', 'average'] as const;
export type ProbeMeasure = (typeof probeMeasures)[number];

const schema = z.strictObject({
  everySteps: z.int().min(1).describe('steps between two measurements'),
  measures: z.array(z.enum(probeMeasures)).min(1).default(['eigenvalue', 'sharpness']).describe('what is measured'),
  rho: z.number().positive().default(0.05).describe('radius of the ball of sharpness'),
  products: z.int().min(3).default(30).describe('products for the trace'),
});

export interface ProbeOptions {
  /** Steps between two measurements. */
  readonly everySteps: number;
  /**
   * What is measured. Default eigenvalue and sharpness.
   *
   * | measure | numbers | gradients over the examples of the surface |
   * | --- | --- | --- |
   * | `eigenvalue` | the largest of the Hessian, to 1 % | 10 to 40 |
   * | `trace` | of the Hessian, by Hutch++ | 2 `products` |
   * | `sharpness` | the rise along SAM's step | 1, and a forward pass |
   * | `worstCase` | the rise that projected ascent finds | 21, and a forward pass |
   * | `average` | the mean rise under noise, of 20 samples | 21 forward passes |
   */
  readonly measures?: readonly ProbeMeasure[] | undefined;
  /** Radius of the ball of sharpness. Default 0.05. */
  readonly rho?: number | undefined;
  /** Products for the trace. Default 30. */
  readonly products?: number | undefined;
}

type Numbers = Record<string, number>;

/**
 * What `train` of @flatmin/training takes as `probe`: measures the weights during a run, for its metrics and
 * TensorBoard. The run itself is the same with and without it, bit for bit. If a loss is not finite, the numbers are
 * NaN, and the run itself reports it.
 *
 * Cost of each measurement: see the table of {@link ProbeOptions}; reported as `gradients`, and forward passes as
 * `values`. Keep the surface small: 256 examples show a trend.
 *
 * @param surface of the model that is trained; it stays the caller's.
 * @throws FlatminError SPEC_INVALID for invalid options.
 * @example
 * ```ts fragment
 * const surface = await modelSurface(model, dataset, { examples: 256 });
 * await train({ ..., probe: probe(surface, { everySteps: 100, measures: ['eigenvalue', 'sharpness'] }) });
 * ```
 */
export function probe(surface: LossSurface, options: ProbeOptions): Probe {
  const settings = checkedOptions(schema, options, 'probe');
  let step: number | undefined;
  return {
    everySteps: settings.everySteps,
    measure: async () => {
      const before = surface.passes;
      let operator: Operator | undefined;
      const curvature = async (): Promise<Operator> => {
        operator ??= await hessian(surface, { step });
        step = operator.step;
        return operator;
      };
      const found: Numbers = {};
      // Refuses weights that are not finite: then no measure has a number, and none is of older weights.
      const reread = surface.reread();
      for (const name of settings.measures) {
        const numbers = reread.then(() => measured(name, surface, curvature, settings));
        Object.assign(found, await numbers.catch(notANumber(name)));
      }
      const { gradients, values } = surface.passes;
      return { ...found, gradients: gradients - before.gradients, values: values - before.values };
    },
  };
}

async function measured(
  name: ProbeMeasure,
  surface: LossSurface,
  curvature: () => Promise<Operator>,
  { rho, products }: { readonly rho: number; readonly products: number },
): Promise<Numbers> {
  switch (name) {
    case 'eigenvalue': {
      const settings = { k: 1, tolerance: 1e-2, maxIterations: 20 };
      const { eigenvalues, residuals } = await topEigenvalues(await curvature(), settings);
      return { eigenvalue: eigenvalues[0] as number, eigenvalueError: residuals[0] as number };
    }
    case 'trace': {
      const { trace: sum, standardError } = await trace(await curvature(), { products });
      return { trace: sum, traceError: standardError };
    }
    case 'sharpness':
      return { sharpness: (await oneStepSharpness(surface, { rho })).sharpness };
    case 'worstCase':
      return { worstCase: (await worstCaseSharpness(surface, { rho })).sharpness };
    case 'average': {
      const { sharpness, standardError } = await averageCaseSharpness(surface, { rho, samples: 20 });
      return { average: sharpness, averageError: standardError };
    }
  }
}

const notANumber =
  (name: ProbeMeasure) =>
  (error: unknown): Numbers => {
    if (isFlatminError(error) && error.code === 'NON_FINITE') return { [name]: NaN };
    throw error;
  };
