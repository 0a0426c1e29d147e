import type { OptimizerContext, Spec } from '@flatmin/core';
import * as tf from '@tensorflow/tfjs-core';
import { type Finding, Findings } from '../finding.js';
import type { Problem } from '../problem.js';
import type { Subject } from '../subject.js';
import { withOptimizer, withProblem } from '../trajectory.js';
import { watchLoss } from '../watchLoss.js';

const steps = 3;
let strangers = 0;

/** C7: frozen variables, variables outside the list and the base's own are untouched, between the passes too. */
export async function checkUntouched(subject: Subject): Promise<readonly Finding[]> {
  const findings = new Findings('C7');
  for (const base of subject.bases) {
    for (const listed of [true, false]) {
      const where = `${listed ? 'with' : 'without'} a variable list, base ${base.use}`;
      await findings.attempt(where, () =>
        withProblem((problem, context) => watchOthers(subject, findings, problem, context, base, where, listed)),
      );
    }
  }
  return findings.list;
}

/** What must not change, by what it is. */
type Others = ReadonlyMap<tf.Variable, string>;

async function watchOthers(
  subject: Subject,
  findings: Findings,
  problem: Problem,
  context: OptimizerContext,
  base: Spec,
  where: string,
  listed: boolean,
): Promise<void> {
  const [first, frozen, outside, last] = problem.variables as [tf.Variable, tf.Variable, tf.Variable, tf.Variable];
  // TF.js's layers freeze a variable in the same way.
  (frozen as { trainable: boolean }).trainable = false;
  const stranger = tf.tidy(() => tf.variable(tf.ones([2]), true, `stranger${strangers++}/kernel`));
  // TF.js's Adam registers two trainable scalars, which belong to another model here.
  const elsewhere = tf.train.adam(0.1);
  const others = new Map<tf.Variable, string>([
    [frozen, 'a frozen variable'],
    [stranger, 'a variable that the loss does not depend on'],
    ...(listed ? [[outside, 'a variable outside the list'] as const] : []),
  ]);
  const registered = (): Set<tf.Variable> => new Set(Object.values(tf.engine().registeredVariables));
  const before = registered();
  try {
    await withOptimizer(
      () => subject.create(base, context),
      async (optimizer) => {
        const own = (): Others =>
          new Map([...registered()].filter((v) => !before.has(v)).map((v) => [v, "the base's own variable"]));
        for (let t = 0; t < steps; t++) {
          const watch = new DataWatch(others, own());
          const loss = watchLoss(problem.loss(t), { before: () => watch.look() });
          optimizer.minimize(loss, false, listed ? [first, frozen, last] : undefined);
          for (const what of watch.touched()) findings.add(where, `${what} was changed in step ${t}`);
        }
      },
    );
  } finally {
    tf.dispose(stranger);
    elsewhere.dispose();
  }
}

/** Looks at the data of variables in each pass of one step. */
class DataWatch {
  readonly #others: Others;
  readonly #own: Others;
  readonly #start = new Map<tf.Variable, unknown>();
  readonly #seen = new Map<tf.Variable, Set<unknown>>();

  /** @param others never change. @param own change once, in the base step: no pass may see anything between. */
  constructor(others: Others, own: Others) {
    this.#others = others;
    this.#own = own;
    for (const variable of [...others.keys(), ...own.keys()]) this.#start.set(variable, variable.dataId);
  }

  look(): void {
    for (const variable of this.#start.keys()) {
      const seen = this.#seen.get(variable) ?? new Set<unknown>();
      this.#seen.set(variable, seen.add(variable.dataId));
    }
  }

  touched(): readonly string[] {
    const start = (variable: tf.Variable) => this.#start.get(variable);
    const seen = (variable: tf.Variable) => [...(this.#seen.get(variable) ?? [])];
    const others = [...this.#others].filter(([v]) => [...seen(v), v.dataId].some((data) => data !== start(v)));
    const own = [...this.#own].filter(([v]) => {
      const end = v.dataId;
      return seen(v).some((data) => data !== start(v) && data !== end);
    });
    return [...others, ...own].map(([variable, what]) => `${what} (${variable.name})`);
  }
}
