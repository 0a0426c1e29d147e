import { RandomStream } from '@flatmin/core';
import type { LossSurface, SurfaceParameter } from '../surface/lossSurface.js';
import { type Estimate, estimateOf } from '../vectors/estimate.js';
import { signs } from '../vectors/randomVectors.js';
import { dot } from '../vectors/vector.js';
import { hessian } from './hessian.js';
import type { Operator } from './operator.js';
import { topEigenvalues } from './topEigenvalues.js';

/** What parameters are taken together: of a layer, or of a role. */
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
 * Cost: `products` products for all traces; for each block some 10 to 30 products of its own.
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
  const traces = new Map(names.map((name) => [name, new Array<number>(products).fill(0)]));
  for (let i = 0; i < products; i++) {
    const probe = signs(new RandomStream(seed).at('blocks').at(i), surface.size);
    const product = await whole.apply(probe);
    for (const parameter of surface.parameters) {
      const { start, end } = parameter;
      const values = traces.get(groupOf(parameter, grouping)) as number[];
      values[i] = (values[i] as number) + dot(probe.subarray(start, end), product.subarray(start, end));
    }
  }
  const blocks: BlockCurvature[] = [];
  for (const name of names) {
    const block = surface.among((parameter) => groupOf(parameter, grouping) === name);
    const top = await topEigenvalues(await hessian(block, { step: whole.step, seed }), { k: 1, seed });
    const [eigenvalue = NaN] = top.eigenvalues;
    const [residual = NaN] = top.residuals;
    blocks.push({ name, size: block.size, eigenvalue, residual, trace: estimateOf(traces.get(name) as number[]) });
  }
  return blocks;
}
