import type { FlatminContainer } from '@flatmin/core';
import { ProblemList } from '@flatmin/core/internal';
import type { CheckedCell } from './checkGrid.js';
import { costKey, stepCost } from './stepCost.js';

/** A cell, and what its run will cost. */
export interface PricedCell extends CheckedCell {
  /** About, for the whole run. */
  readonly gradientEvaluations: number;
}

/**
 * The cells with what they will cost; under a budget, with as many epochs as it pays for, at least one.
 *
 * @throws FlatminError SPEC_INVALID where the budget does not pay for an epoch of a method.
 */
export async function priced(
  cells: readonly CheckedCell[],
  budget: number | undefined,
  container: FlatminContainer,
  file: string,
): Promise<readonly PricedCell[]> {
  const problems = new ProblemList();
  const costs = new Map<string, number>();
  for (const { cell } of cells) {
    const key = costKey(cell.config.optimizer);
    if (!costs.has(key)) costs.set(key, await stepCost(cell.config.optimizer, container));
  }
  const said = new Set<string>();
  const all = cells.map((checked) => {
    const { cell, stepsPerEpoch } = checked;
    const ofEpoch = (costs.get(costKey(cell.config.optimizer)) as number) * stepsPerEpoch;
    if (budget === undefined) return { ...checked, gradientEvaluations: Math.round(cell.config.epochs * ofEpoch) };
    const epochs = Math.floor(budget / ofEpoch);
    if (epochs < 1 && !said.has(cell.row)) {
      said.add(cell.row);
      const message = `does not pay for one epoch of ${cell.row}, which takes about ${Math.ceil(ofEpoch).toLocaleString('en-US')}`;
      problems.add('budget.gradientEvaluations', budget, message, 'Give more, or leave out the method.');
    }
    const config = { ...cell.config, epochs: Math.max(1, epochs) };
    return { ...checked, cell: { ...cell, config }, gradientEvaluations: Math.round(Math.max(1, epochs) * ofEpoch) };
  });
  problems.throwAll(file);
  return all;
}
