import type { LossFunction, OptimizerContext, SharpnessAwareOptimizer, Spec } from '@flatmin/core';
import type { VariantCases } from './cases.js';
import { makingOf, type Making } from './onBatch.js';
import type { GraphAdapter, GraphStep, VariantPlugin, VariantSetup } from './setup.js';
import { Subject } from './subject.js';

/**
 * The plugin under test, with optimizers that take every step as a graph of its batch. A loss that is not one of the
 * kit's batches becomes a separate graph, with what it uses as constants: nobody should train so, but every check of
 * the kit can run over it.
 */
export class GraphSubject extends Subject {
  /** Graphs that its optimizers made. */
  graphs = 0;
  /** Steps that the variant says can be replayed. */
  replayable = 0;
  readonly #capture: GraphAdapter;

  constructor(plugin: VariantPlugin, setup: VariantSetup, capture: GraphAdapter) {
    super(plugin, setup);
    this.#capture = capture;
  }

  /** One base for what else takes all that there are, with slots where there is one: each takes graphs of its own. */
  override get cases(): VariantCases {
    const bases = super.bases;
    return { ...super.cases, bases: [bases[1] ?? (bases[0] as Spec)] };
  }

  override from(spec: Spec, context: OptimizerContext): SharpnessAwareOptimizer {
    const optimizer = super.from(spec, context);
    const steps = new Map<LossFunction | Making['lossOf'], GraphStep>();
    const eager = { minimize: optimizer.minimize.bind(optimizer), dispose: optimizer.dispose.bind(optimizer) };
    let isInside = false; // A step that is not captured asks the optimizer itself.
    const minimize: typeof optimizer.minimize = (loss, returnCost = false, list = undefined) => {
      if (isInside) return eager.minimize(loss, returnCost, list);
      const { lossOf, batch } = makingOf(loss);
      const key = batch.length === 0 ? loss : lossOf;
      // The batch of a validation loss, for one.
      const options = { allowConstants: true, ...(list === undefined ? {} : { variables: list }) };
      const step = steps.get(key) ?? this.#capture(optimizer, lossOf, batch, options);
      steps.set(key, step);
      isInside = true;
      try {
        const before = step.graphs;
        const { graphKey = null } = optimizer.replay.position(list) ?? {};
        if (graphKey !== null) this.replayable++;
        const cost = step(...(batch as never));
        this.graphs += step.graphs - before;
        if (returnCost) return cost;
        cost.dispose();
        return null;
      } finally {
        isInside = false;
      }
    };
    const dispose = (): void => {
      for (const step of steps.values()) step.dispose();
      eager.dispose();
    };
    return Object.assign(optimizer, { minimize, dispose });
  }
}
