import type { LossFunction, OptimizerContext, SharpnessAwareOptimizer, Spec } from '@flatmin/core';
import type * as tf from '@tensorflow/tfjs-core';
import type { VariantCases } from './cases.js';
import type { GraphAdapter, GraphStep, VariantPlugin, VariantSetup } from './setup.js';
import { Subject } from './subject.js';

/**
 * The plugin under test, whose optimizers take every step as a graph: one for each loss function, whose batch is constant in it.
 * Nobody should train so, but every check of the kit can run over it.
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
    const steps = new Map<LossFunction, GraphStep>();
    const eager = { minimize: optimizer.minimize.bind(optimizer), dispose: optimizer.dispose.bind(optimizer) };
    let isInside = false; // A step that is not captured asks the optimizer itself.
    const minimize: typeof optimizer.minimize = (loss, returnCost = false, list = undefined) => {
      if (isInside) return eager.minimize(loss, returnCost, list);
      const known = steps.get(loss);
      const options = { allowConstants: true, ...(list === undefined ? {} : { variables: list }) };
      const step = known ?? this.#capture(optimizer, () => loss, [], options);
      steps.set(loss, step);
      isInside = true;
      try {
        const before = step.graphs;
        const key = optimizer.replay.position(list)?.graphKey;
        if (key !== undefined && key !== null) this.replayable++;
        const cost = (step as () => tf.Scalar)();
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
