import { RandomStream } from '@flatmin/core';
import type { LossSurface, SurfaceParameter } from '../surface/lossSurface.js';
import { type Estimate, estimateOf, sum } from '../vectors/estimate.js';
import { signs } from '../vectors/randomVectors.js';
import { dot } from '../vectors/vector.js';
import { hessian } from './hessian.js';
import type { Operator } from './operator.js';
import { topEigenvalues } from './topEigenvalues.js';

/** Which parameters form a block: those of a layer, or of a role. */
export type Grouping = 'layer' | 'role';

export interface BlockCurvature {
  /** The name of the layer, or the role. */
  readonly name: string;
  /** Weights of the block. */
  readonly size: number;
  /** The largest eigenvalue of the block of the Hessian, and its residual. */
  readonly eigenvalue: number;
  readonly residual: number;
  /** The trace of the block. */
  readonly trace: Estimate;
}

/** A layer is what stands before the last part of a name: `dense_1/kernel` belongs to `dense_1`. */
export function groupOf({ name, role }: Pick<SurfaceParameter, 'name' | 'role'>, grouping: Grouping): string {
  if (grouping === 'role') return role;
  const end = name.lastIndexOf('/');
  return end < 0 ? name : name.slice(0, end);
}

/**
 * The Hessian's diagonal blocks by layer or by role: the largest eigenvalue of each, and its trace. The traces of all
 * come from the same probes (z_b^T (H z)_b for each block b, whose mean is its trace) and add up to that of the whole.
 *
 * Cost: `products` products for all traces; for each block up to 29 products of its own.
 */
export async function blockCurvature(
  surface: LossSurface,
  grouping: Grouping,
  {
    products = 30,
    seed = 0,
    operator,
  }: { readonly products?: number; readonly seed?: number; readonly operator?: Operator } = {},
): Promise<readonly BlockCurvature[]> {
  const whole = operator ?? (await hessian(surface, { seed }));
  const names = [...new Set(surface.parameters.map((parameter) => groupOf(parameter, grouping)))];
  const groups = names.map((name) => ({
    name,
    parameters: surface.parameters.filter((parameter) => groupOf(parameter, grouping) === name),
    traces: [] as number[],
  }));
  for (let i = 0; i < products; i++) {
    const probe = signs(new RandomStream(seed).at('blocks').at(i), surface.size);
    const product = await whole.apply(probe);
    const along = ({ start, end }: SurfaceParameter): number =>
      dot(probe.subarray(start, end), product.subarray(start, end));
    for (const { parameters, traces } of groups) traces.push(sum(parameters.map(along)));
  }
  const blocks: BlockCurvature[] = [];
  for (const { name, parameters, traces } of groups) {
    const block = blockOf(whole, parameters);
    const top = await topEigenvalues(block, { k: 1, seed });
    const [eigenvalue = NaN] = top.eigenvalues;
    const [residual = NaN] = top.residuals;
    blocks.push({ name, size: block.size, eigenvalue, residual, trace: estimateOf(traces) });
  }
  return blocks;
}

/** A diagonal block of an operator: its products with vectors that are 0 elsewhere, as far as the block sees them. */
function blockOf(whole: Operator, parameters: readonly SurfaceParameter[]): Operator {
  const size = sum(parameters.map(({ start, end }) => end - start));
  return {
    ...{ kind: whole.kind, size, step: whole.step, error: whole.error },
    apply: async (vector) => {
      const embedded = new Float32Array(whole.size);
      let from = 0;
      for (const { start, end } of parameters) {
        embedded.set(vector.subarray(from, from + end - start), start);
        from += end - start;
      }
      const product = await whole.apply(embedded);
      const part = new Float32Array(size);
      let to = 0;
      for (const { start, end } of parameters) {
        part.set(product.subarray(start, end), to);
        to += end - start;
      }
      return part;
    },
    withStep: (step) => blockOf(whole.withStep(step), parameters),
  };
}
