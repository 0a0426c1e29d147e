import { afterEach, describe, expect, it } from '@jest/globals';
import {
  createContainer,
  type Logger,
  type SharpnessAwareOptimizer,
  type Spec,
  stepInput,
  tokens,
} from '@flatmin/core';
import { definePlugin, radius, type SharpnessVariant, type WeightVector } from '@flatmin/core/plugin';
import * as tf from '@tensorflow/tfjs';
import { ContainerModule } from 'inversify';
import { z } from 'zod';
import { capture, type CapturedStep } from './capture.js';
import { createToy, disposeAll, onNative, own, Regression, toyPlugin } from './toy.fixture.js';

afterEach(disposeAll);

const momentum = { use: 'momentum', learningRate: 0.1, momentum: 0.9 };
type Batch = [tf.Tensor2D, tf.Tensor2D];
type Step = (...batch: Batch) => tf.Scalar;
type Mode = 'eager' | 'graph';

interface Run {
  readonly losses: number[];
  readonly values: number[];
  readonly metrics: Readonly<Record<string, unknown>>;
  readonly graphs: number;
}

/** Takes steps from the same start, eagerly or captured; `before` may change something before a step. */
function run(
  mode: Mode,
  create: () => SharpnessAwareOptimizer,
  { steps = 8, before }: { steps?: number; before?: (t: number, optimizer: SharpnessAwareOptimizer) => void } = {},
): Run {
  const problem = own(new Regression());
  const optimizer = own(create());
  const { lossOf, variables, batches } = problem;
  const captured = mode === 'graph' ? own(capture(optimizer, lossOf, batches[0] as Batch, { variables })) : undefined;
  const step: Step = captured ?? ((x, y) => optimizer.minimize(lossOf(x, y), true, variables) as tf.Scalar);
  const losses = Array.from({ length: steps }, (_, t) => {
    before?.(t, optimizer);
    return own(step(...(batches[t % batches.length] as Batch))).dataSync()[0] as number;
  });
  return { losses, values: problem.values(), metrics: { ...optimizer.lastStep }, graphs: captured?.graphs ?? 0 };
}

/** Compares both modes to the bit, and gives back the captured run. */
function sameInBoth(...[create, options]: [Parameters<typeof run>[1], Parameters<typeof run>[2]?]): Run {
  const [eager, graph] = [run('eager', create, options), run('graph', create, options)];
  expect({ ...graph, graphs: 0 }).toEqual(eager);
  return graph;
}

(onNative ? describe : describe.skip)('a captured step, on the native backend', () => {
  it.each<Spec>([
    { use: 'sgd', learningRate: 0.1 },
    momentum,
    { use: 'adam', learningRate: 0.01 },
    { use: 'adamax', learningRate: 0.01 },
    { use: 'adagrad', learningRate: 0.05 },
    { use: 'adadelta', learningRate: 0.5 },
    { use: 'rmsprop', learningRate: 0.01, momentum: 0.5, centered: true },
  ])('is the eager step over $use, at any learning rate and rho', (base) => {
    const create = () => createToy({ rho: { schedule: 'linear', from: 0.2, to: 0.1, steps: 6 }, base });
    const rates = [0.1, 0.1, 0.05, 0, 0.2, 0.01, 1e-9, 0.1];
    const before = (t: number, optimizer: SharpnessAwareOptimizer) =>
      void (optimizer.learningRate = rates[t] as number);
    const [eager, graph] = [run('eager', create, { before }), run('graph', create, { before })];
    expect(graph.graphs).toBe(1);
    graph.values.forEach((value, i) => expect(value).toBeCloseTo(eager.values[i] as number, 5));
    expect(graph.metrics['radius']).toBeCloseTo(0.1, 6);
  });

  it('draws the random numbers of its own step', () => {
    const { losses } = sameInBoth(() => createToy({ noise: true, rho: 0.5, seed: 3, base: momentum }));
    expect(new Set(losses).size).toBe(losses.length);
  });

  it('keeps one graph for each way that JavaScript decides, and counts on', () => {
    expect(sameInBoth(() => createToy({ period: 3, base: momentum }), { steps: 10 }).graphs).toBe(3);
    const { lossOf, variables, batches } = own(new Regression());
    const optimizer = own(createToy({ base: momentum }));
    const step = own(capture(optimizer, lossOf, batches[0] as Batch, { variables }));
    for (let t = 0; t < 6; t++) own(step(...(batches[0] as Batch)));
    expect(optimizer.replay.position(variables)?.state).toEqual({ steps: 6 });
  });

  it('follows a gate that reads a value back', () => {
    const branches: unknown[] = [];
    const before = (t: number, optimizer: SharpnessAwareOptimizer) => t > 0 && branches.push(optimizer.lastStep.branch);
    expect(sameInBoth(() => createToy({ gate: true, base: momentum }), { steps: 30, before }).graphs).toBe(1);
    expect(new Set(branches)).toEqual(new Set(['sam', 'base']));
  });

  it('takes what is supplied at each step, in any shape', () => {
    const results = (['eager', 'graph'] as const).map((mode) => {
      const problem = own(new Regression());
      const optimizer = own(createToy({ base: momentum }));
      const rows = [3, 3, 2].map((size, i) => own(tf.tensor1d([1, 2, 3].slice(0, size).map((value) => value + i))));
      let asked = 0;
      const lossOf = (x: tf.Tensor, y: tf.Tensor) => () =>
        tf.tidy(() => {
          const [row] = stepInput(() => [rows[asked++ % 3] as tf.Tensor]);
          return tf.add<tf.Scalar>(problem.lossOf(x, y)(), tf.mul(tf.mean(row), tf.sum(problem.bias)));
        });
      const { variables, batches } = problem;
      const captured =
        mode === 'graph' ? own(capture(optimizer, lossOf, batches[0] as Batch, { variables })) : undefined;
      const step: Step = captured ?? ((x, y) => optimizer.minimize(lossOf(x, y), true, variables) as tf.Scalar);
      for (let t = 0; t < 20; t++) own(step(...(batches[0] as Batch)));
      return { values: problem.values(), asked };
    });
    expect(results[1]).toEqual(results[0]);
  });

  it('takes windows, parts of a batch, clipping and the guard along', () => {
    const options = { every: 2, microBatches: 2, clipNorm: 0.3, guard: true, accumulate: 1, base: momentum };
    expect(sameInBoth(() => createToy(options)).graphs).toBe(2);
  });

  it('takes a radius that is set between steps', () => {
    const before = (t: number, optimizer: SharpnessAwareOptimizer) => {
      if (t === 4) optimizer.radius = 0.7;
    };
    expect(sameInBoth(() => createToy({ base: momentum }), { before }).metrics['radius']).toBeCloseTo(0.7, 6);
  });

  it('resumes bit for bit', async () => {
    const create = () => createToy({ noise: true, base: momentum });
    const whole = run('graph', create, { steps: 8 });
    const problem = own(new Regression());
    const { lossOf, variables, batches } = problem;
    const take = (step: CapturedStep<Batch>, from: number, to: number) => {
      for (let t = from; t < to; t++) own(step(...(batches[t % 3] as Batch)));
    };
    const first = own(create());
    take(own(capture(first, lossOf, batches[0] as Batch, { variables })), 0, 4);
    const saved = (await first.getWeights()).map(({ name, tensor }) => ({ name, tensor: own(tensor.clone()) }));
    const second = own(create());
    await second.setWeights(saved);
    const step = own(capture(second, lossOf, batches[0] as Batch, { variables }));
    take(step, 4, 5);
    expect(step.graphs).toBe(1);
    take(step, 5, 8);
    expect(problem.values()).toEqual(whole.values);
  });

  it('keeps a graph for each shape of the batch, at most maxGraphs, and then says so once', () => {
    const problem = own(new Regression());
    const said: string[] = [];
    const logger = { info: () => undefined, warn: (message: string) => void said.push(message) };
    const quiet = new ContainerModule(({ rebind }) => void rebind<Logger>(tokens.Logger).toConstantValue(logger));
    const container = createContainer({ plugins: [toyPlugin], modules: [quiet] });
    const optimizer = own(container.createOptimizer({ use: 'toy', base: momentum }));
    const { lossOf, variables } = problem;
    const step = own(capture(optimizer, lossOf, problem.batch(2, 0), { variables, maxGraphs: 2 }));
    const sizes = [2, 2, 3, 4, 5, 2, 4, 3];
    for (const size of sizes) own(step(...problem.batch(size, size)));
    expect(step.graphs).toBe(2);
    expect(said).toEqual([expect.stringMatching(/there are 2 graphs already.*run eagerly/)]);
    const eager = own(new Regression());
    const other = own(createToy({ base: momentum }));
    for (const size of sizes) other.minimize(eager.lossOf(...eager.batch(size, size)), false, eager.variables);
    expect(problem.values()).toEqual(eager.values());
  });

  it('mixes with eager steps', () => {
    const problem = own(new Regression());
    const optimizer = own(createToy({ base: momentum }));
    const { lossOf, variables, batches } = problem;
    const step = own(capture(optimizer, lossOf, batches[0] as Batch, { variables }));
    for (let t = 0; t < 8; t++) {
      const batch = batches[t % 3] as Batch;
      if (t % 3 === 1) optimizer.minimize(lossOf(...batch), false, variables);
      else own(step(...batch));
    }
    expect(problem.values()).toEqual(run('eager', () => createToy({ base: momentum })).values);
  });

  it('finds its variables itself', () => {
    const problem = own(new Regression());
    const optimizer = own(createToy({ base: momentum }));
    const step = own(capture(optimizer, problem.lossOf, problem.batches[0] as Batch));
    for (let t = 0; t < 8; t++) own(step(...(problem.batches[t % 3] as Batch)));
    expect(step.graphs).toBe(1);
    expect(problem.values()).toEqual(run('eager', () => createToy({ base: momentum })).values);
  });

  it('keeps variables apart that share their data when it is recorded', () => {
    const w = own(tf.variable(tf.scalar(0)));
    const [a, b] = [own(tf.variable(tf.scalar(3), false)), own(tf.variable(tf.scalar(0), false))];
    const optimizer = own(createToy({ rho: 0, base: { use: 'sgd', learningRate: 1 } }));
    // The gradient by w is -(a + 10 b) x.
    const lossOf = (x: tf.Tensor) => () =>
      tf.tidy(() => tf.neg(tf.mul<tf.Scalar>(tf.mul(x, w), tf.add(a, tf.mul(10, b)))));
    const x = own(tf.scalar(1));
    const step = own(capture(optimizer, lossOf, [x], { variables: [w] }));
    own(step(x));
    b.assign(a);
    own(step(x));
    a.assign(own(tf.scalar(1)));
    own(step(x));
    expect(w.dataSync()[0]).toBe(3 + (3 + 30) + (1 + 30));
  });

  it('keeps a state apart from the weights that it was when it was recorded', () => {
    const lagging = definePlugin({
      kind: 'variant',
      id: 'lagging',
      apiVersion: 1,
      description: 'Adds how far the weights are from where they were.',
      options: z.strictObject({ rho: radius(0.1) }),
      create: (): SharpnessVariant<{ last?: WeightVector }> => ({
        id: 'lagging',
        radius: 'linear',
        graphKey: () => 'step',
        initialState: () => ({}),
        estimate: ({ evaluate, weights, state: { last = weights } }) => {
          const { loss, gradient } = evaluate();
          const way = tf.addN(weights.map((w, i) => tf.sum(tf.sub(w, last[i] as tf.Tensor))));
          return { loss, gradient: gradient.map((g) => tf.add(g, way)), state: { last: [...weights] } };
        },
      }),
    });
    const results = [false, true].map((asGraph) => {
      const [a, b] = [own(tf.variable(tf.scalar(1))), own(tf.variable(tf.scalar(2)))];
      const container = createContainer({ plugins: [lagging] });
      const optimizer = own(
        container.createOptimizer({ use: 'lagging' as string, base: { use: 'sgd', learningRate: 0.5 } }),
      );
      const lossOf = (x: tf.Tensor) => () => tf.tidy(() => tf.mul<tf.Scalar>(x, tf.add(a, b)));
      const x = own(tf.scalar(1));
      own(optimizer.minimize(lossOf(x), true, [a, b]) as tf.Scalar);
      // From here on b stays, and the state's last b is soon b itself.
      own(optimizer.minimize(lossOf(x), true, [a]) as tf.Scalar);
      const step = asGraph
        ? own(capture(optimizer, lossOf, [x], { variables: [a] }))
        : () => optimizer.minimize(lossOf(x), true, [a]) as tf.Scalar;
      for (let t = 0; t < 5; t++) {
        if (t === 3) b.assign(own(tf.scalar(7)));
        own(step(x));
      }
      return [a.dataSync()[0], b.dataSync()[0]];
    });
    expect(results[1]).toEqual(results[0]);
  });

  it('leaves tensors, data and the backend as they were, over a thousand steps and after a throw', () => {
    const problem = own(new Regression());
    const { variables, batches } = problem;
    const backend = tf.backend() as unknown as { executeSingleOutput: unknown; numDataIds(): number };
    const { executeSingleOutput } = backend;
    const optimizer = own(createToy({ gate: true, noise: true, base: momentum }));
    let fails = false;
    const lossOf = (x: tf.Tensor, y: tf.Tensor) => {
      const loss = problem.lossOf(x, y);
      return Object.assign(() => (fails ? problemFails() : loss()), { size: 6 });
    };
    const step = own(capture(optimizer, lossOf, batches[0] as Batch, { variables }));
    for (let t = 0; t < 40; t++) step(...(batches[t % 3] as Batch)).dispose();
    const count = () => [tf.memory().numTensors, backend.numDataIds()];
    const [before, values] = [count(), problem.values()];
    fails = true;
    const odd = problem.batch(5, 0);
    expect(() => step(...odd)).toThrow('the loss fails');
    tf.dispose(odd);
    expect(problem.values()).toEqual(values);
    expect(count()).toEqual(before);
    fails = false;
    for (let t = 0; t < 1000; t++) step(...(batches[t % 3] as Batch)).dispose();
    expect(count()).toEqual(before);
    expect(backend.executeSingleOutput).toBe(executeSingleOutput);
  });

  it('gives a non-finite loss the error of the eager step, and changes nothing', () => {
    const problem = own(new Regression());
    const { lossOf, variables, batches } = problem;
    const optimizer = own(createToy({ guard: true, base: momentum }));
    const step = own(capture(optimizer, lossOf, batches[0] as Batch, { variables }));
    for (let t = 0; t < 4; t++) own(step(...(batches[t % 3] as Batch)));
    const values = problem.values();
    const [x, y] = batches[0] as Batch;
    expect(() => step(own(tf.mul<tf.Tensor2D>(x, Infinity)), y)).toThrow(
      expect.objectContaining({ code: 'NON_FINITE' }),
    );
    expect(problem.values()).toEqual(values);
    expect(own(step(x, y)).dataSync()[0]).toBeGreaterThan(0);
  });
});

const problemFails = (): tf.Scalar => {
  throw new Error('the loss fails');
};

(onNative ? describe : describe.skip)('what cannot be captured is refused by name', () => {
  const attempt = (create: () => SharpnessAwareOptimizer, change = (loss: tf.Scalar): tf.Scalar => loss) => {
    const problem = own(new Regression());
    const { variables, batches } = problem;
    const optimizer = own(create());
    const lossOf = (x: tf.Tensor, y: tf.Tensor) => () => tf.tidy(() => change(problem.lossOf(x, y)()));
    const step = own(capture(optimizer, lossOf, batches[0] as Batch, { variables }));
    own(step(...(batches[0] as Batch)));
    const values = problem.values();
    try {
      own(step(...(batches[1] as Batch)));
    } finally {
      expect(problem.values()).toEqual(values);
    }
  };

  it('a variant that does not say how its steps go', () => {
    expect(() => attempt(() => createToy({ says: false, base: momentum }))).toThrow(
      expect.objectContaining({
        code: 'CAPTURE_REFUSED',
        message: expect.stringMatching(/toy.*does not say.*graphKey/),
      }),
    );
  });

  it("a base of someone else's", () => {
    class Mine extends tf.SGDOptimizer {
      static override get className(): string {
        return 'Mine';
      }
    }
    expect(() => attempt(() => createToy({ base: new Mine(0.1) }))).toThrow(
      /the base .* does not show what it remembers/,
    );
  });

  it('random numbers that JavaScript makes, as those of dropout', () => {
    const noisy = (loss: tf.Scalar): tf.Scalar => tf.mul(loss, tf.randomUniform([], 0.5, 1));
    expect(() => attempt(() => createToy({ base: momentum }), noisy)).toThrow(/which Mul takes.*stepInput/s);
  });

  it('a tensor from elsewhere, which may be another one at the next step; unless it is said to be constant', () => {
    const elsewhere = own(tf.scalar(2));
    const scaled = (loss: tf.Scalar): tf.Scalar => tf.mul(loss, elsewhere);
    expect(() => attempt(() => createToy({ base: momentum }), scaled)).toThrow(
      /made before it and is neither part of the batch/,
    );
    const { lossOf, variables, batches } = own(new Regression());
    const optimizer = own(createToy({ base: momentum }));
    const lossOfScaled = (x: tf.Tensor, y: tf.Tensor) => () => tf.tidy(() => scaled(lossOf(x, y)()));
    const step = own(capture(optimizer, lossOfScaled, batches[0] as Batch, { variables, allowConstants: true }));
    for (let t = 0; t < 3; t++) own(step(...(batches[0] as Batch)));
    expect(step.graphs).toBe(1);
  });

  it('values read back', () => {
    const reading = (loss: tf.Scalar): tf.Scalar =>
      tf.mul(loss, tf.scalar(tf.tile(tf.reshape(loss, [1]), [9]).dataSync()[0]!));
    expect(() => attempt(() => createToy({ base: momentum }), reading)).toThrow(/9 values is read back/);
  });

  it('what is not a loss', () => {
    const optimizer = own(createToy({ base: momentum }));
    expect(() => capture(optimizer, (() => 3) as never, [])).toThrow(expect.objectContaining({ code: 'LOSS_INVALID' }));
  });
});

(onNative ? it.skip : it)('capture needs the native backend, and says so', () => {
  const optimizer = own(createToy({ base: momentum }));
  expect(() => capture(optimizer, () => () => tf.scalar(1), [])).toThrow(/native backend.*loadBackend/s);
});
