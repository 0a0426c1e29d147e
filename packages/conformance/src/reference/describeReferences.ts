import { BrokenPromise, globalRunner } from '../describeVariant.js';
import type { TestRunner } from '../setup.js';
import type { Reference } from './reference.js';
import type { ReferenceName } from './referenceNames.js';
import { type CreateOptimizer, runReference } from './runReference.js';

/**
 * Declares one test per reference trajectory, for optimizers that are not variants: bases, LETS.
 *
 * @example
 * ```ts
 * describeReferences(['adamw', 'sgd-nesterov'], createOptimizer);
 * ```
 */
export function describeReferences(
  references: readonly (ReferenceName | Reference)[],
  createOptimizer: CreateOptimizer,
  { describe, it }: TestRunner = globalRunner(),
): void {
  describe('reference trajectories', () => {
    for (const reference of references) {
      const name = typeof reference === 'string' ? reference : reference.name;
      const body = async (): Promise<void> => {
        const { messages } = await runReference(reference, createOptimizer);
        if (messages.length > 0) throw new BrokenPromise(messages);
      };
      it(name, body, 600_000);
    }
  });
}
