import { add, scale, type Step, type WeightVector } from '@flatmin/core/plugin';
import letsPlugin from '@flatmin/lets';
import * as layers from '@flatmin/model-layers';
import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import type { VariantCases } from './cases.js';
import { catalogue } from './catalogue.js';
import { checkVariant } from './checkVariant.js';
import { type CheckId, checkIds, NotTried } from './finding.js';
import { hiddenAverage, perturbsVariables, pluginOf, registered, samStep, samWith } from './flawed.fixture.js';
import type { VariantPlugin, VariantSetup } from './setup.js';
import { pretendedGraphs } from './graphs.fixture.js';
import { Subject } from './subject.js';

const cases: VariantCases = {
  options: { rho: 0.2 },
  handWorked: [
    {
      // As in sam: the gradient of 1/2 |w|^2 is (3, 4), of norm 5 over both variables.
      name: 'one step on 1/2 |w|^2',
      options: { rho: 0.5 },
      weights: { kernel: [3], bias: [4] },
      loss:
        ({ kernel, bias }) =>
        () =>
          tf.mul(0.5, tf.add(tf.sum(tf.square(kernel!)), tf.sum(tf.square(bias!)))),
      steps: [{ weights: { kernel: [2.67], bias: [3.56] }, metrics: { loss: 12.5, perturbationNorm: 0.5 } }],
    },
  ],
  gradientEvaluations: 2,
  golden: ['sam-sgd'],
};
const setup: VariantSetup = { cases, lets: letsPlugin, layers };

/** What one check finds, all its parts together. */
async function find(id: CheckId, plugin: VariantPlugin, more: Partial<VariantSetup> = {}): Promise<string> {
  const subject = new Subject(plugin, { ...setup, ...more });
  const found: string[] = [];
  for (const check of catalogue.filter((each) => each.id === id)) {
    const findings = await check.run(subject);
    if (findings instanceof NotTried) found.push(`skipped: ${findings.reason}`);
    else found.push(...findings.map(({ message }) => message));
  }
  return found.join('\n');
}

it('finds nothing in a sound variant', async () => {
  const { results, passed } = await checkVariant(samWith({}), { ...setup, graph: pretendedGraphs(1) });
  expect(results.flatMap(({ messages }) => messages)).toEqual([]);
  const isNative = tf.getBackend() === 'tensorflow';
  expect(results.map(({ status }) => status)).toEqual(
    results.map(({ check }) => (check === 'C17' && !isNative ? 'skipped' : 'kept')),
  );
  expect(passed).toBe(true);
});

describe('finds', () => {
  const wrongSign = samWith({ offset: (step, direction) => scale(direction, tf.neg(step.radius)) });
  const perTensor = samWith({ direction: (_, gradient) => gradient.map((g) => tf.div(g, tf.norm(g))) });
  const noEpsilon = samWith({
    direction: (_, gradient) => scale(gradient, tf.div(1, tf.sqrt(tf.addN(gradient.map((g) => tf.sum(tf.square(g))))))),
  });
  const privateRadius = samWith({ offset: (_, direction) => scale(direction, 0.2) });
  const inVariables = pluginOf(() => ({ estimate: perturbsVariables }));
  const leaking = samWith({ also: () => void tf.keep(tf.scalar(1)) });
  const swallowing = pluginOf(() => ({
    estimate: (step) => {
      try {
        return samStep(step);
      } catch {
        return { ...step.evaluate(), state: step.state };
      }
    },
  }));
  const oneMore = samWith({ also: ({ evaluate, weights }) => void evaluate({ offset: weights }) });
  const outsideEngine = samWith({ also: ({ loss }) => void tf.variableGrads(loss) });
  const touchesFrozen = samWith({
    also: () => registered((name) => name.endsWith('dense1/bias')).forEach((v) => v.assign(tf.add(v, 1))),
  });
  const hidden = pluginOf(hiddenAverage);
  const readsLoss = samWith({
    finish: (outcome) => (outcome.loss.dataSync()[0] === 0 ? { ...outcome, metrics: {} } : outcome),
  });
  const cachesTensor = pluginOf(() => {
    const half = tf.scalar(1);
    return { estimate: (step) => samStep(step, { direction: (_, g) => scale(g, half) }) };
  });
  const lenient = pluginOf(() => ({}), {
    options: { '~standard': { version: 1, vendor: 'lenient', validate: (value) => ({ value }) } },
  });
  const noAscent = samWith({ finish: ({ loss, gradient, state }) => ({ loss, gradient: gradient!, state }) });
  const wrongLoss = samWith({ finish: (outcome) => ({ ...outcome, loss: tf.mul(outcome.loss, 1.001) }) });
  const momentumAscent = samWith({
    finish: (outcome, { index }) => (index < 3 ? outcome : { ...outcome, gradient: scale(outcome.gradient!, 1.01) }),
  });

  it.each<[string, CheckId, VariantPlugin, RegExp]>([
    [
      'a wrong sign by hand',
      'C1',
      wrongSign,
      /^C1 one step on 1\/2 \|w\|\^2, step 0: kernel off by 6e-2, tolerance 1e-6/,
    ],
    [
      'a wrong sign by reference',
      'C14',
      wrongSign,
      /^C14 sam-sgd: parameters off by \S+ at step \d+ .*, tolerance 2e-6/,
    ],
    ['norms per tensor by hand', 'C1', perTensor, /kernel off by/],
    ['norms per tensor by reference', 'C14', perTensor, /perturbationNorm off by/],
    ['a wrong loss', 'C14', wrongLoss, /loss off by .* at step \d/],
    ['an error that begins later', 'C14', momentumAscent, /parameters off by \S+ at step \d+ \(since step 3\)/],
    [
      'a radius that is not an argument',
      'C2',
      privateRadius,
      /^C2 rho 0, base sgd: \d+ weights have other bits after 6 steps/,
    ],
    ['a NaN at a zero gradient', 'C3', noEpsilon, /^C3 zero gradient: \d+ weights are not finite after step 0/],
    [
      'weights that are subtracted back',
      'C4',
      inVariables,
      /pass 2 of step 0: the throw left other data in \S+kernel, off by/,
    ],
    ['a swallowed error', 'C4', swallowing, /swallowed what its pass \d threw/],
    ['a leak', 'C5', leaking, /^C5 minimize, base sgd: 1 tensor more after step 2 than after step 1/],
    ['a leak that dispose leaves', 'C5', leaking, /3 tensors left after dispose/],
    ['one evaluation too many', 'C6', oneMore, /default options: step 0 reports 3 gradient evaluations, where 2/],
    ['an evaluation behind the engine', 'C6', outsideEngine, /step 0 evaluated 3 gradients, where 2 are documented/],
    [
      'a frozen variable touched',
      'C7',
      touchesFrozen,
      /with a variable list, base sgd: a frozen variable \(\S+\) was changed/,
    ],
    [
      'state that is not saved',
      'C8',
      hidden,
      /^C8 base sgd, resumed in order: \d+ weights have other bits after 5 steps/,
    ],
    ['state that no file has', 'C9', hidden, /^C9 base sgd: \d+ weights have other bits 3 steps after loading/],
    [
      'options that nothing checks',
      'C10',
      lenient,
      /^C10 an unknown option: was accepted, although SPEC_INVALID is promised/,
    ],
    ['a tensor made outside of the state', 'C11', cachesTensor, /created and stepped in one tidy, base sgd: threw/],
    ['statistics moved twice', 'C12', outsideEngine, /^C12 moving averages: the moving average after 4 steps off by/],
    ['statistics moved twice in layers', 'C12', outsideEngine, /^C12 fit: the moving averages off by/m],
    ['a radius that nothing learns', 'C13', noAscent, /^C13 LETS: the radius stayed at 0\.2/],
    ['a value read back', 'C15', readsLoss, /^C15 base sgd: Tensor\.dataSync was called once in step 0/],
  ])('%s (%s)', async (_, id, plugin, message) => {
    expect(await find(id, plugin)).toMatch(message);
  });

  it('a gate that is one step late (C6)', async () => {
    const late = pluginOf(({ period }) => ({
      estimate: (step) => ((step.index + 1) % period === 0 ? samStep(step) : { ...step.evaluate(), state: step.state }),
    }));
    const gate = {
      ...cases,
      gradientEvaluations: [{ name: 'period 2', options: { period: 2 }, perStep: [2, 1, 2, 1] }],
    };
    expect(await find('C6', late, { cases: gate })).toMatch(
      /^C6 period 2: step 0 reports 1 gradient evaluation, where 2/,
    );
  });

  it('a degenerate option that is not (C2)', async () => {
    const degenerate = [{ name: 'period 9', options: { period: 9 }, parent: 'base' as const }];
    expect(await find('C2', samWith({}), { cases: { ...cases, degenerate } })).toMatch(
      /^C2 period 9, base sgd: \d+ weights/,
    );
  });

  it('options that are changed (C10)', async () => {
    const greedy = pluginOf(
      (given) => {
        (given as unknown as { mask: number[] }).mask.push(1);
        return {};
      },
      { options: { '~standard': { version: 1, vendor: 'greedy', validate: (value) => ({ value }) } } },
    );
    const found = await find('C10', greedy, { cases: { ...cases, options: { rho: 0.2, mask: [0] } } });
    expect(found).toMatch(/^C10 the spec: was changed from .*"mask":\[0/m);
  });

  it('metrics that grow without an adapter (C12)', async () => {
    const plain: VariantSetup['layers'] = { compile: (model, args) => model.compile(args) };
    expect(await find('C12', samWith({}), { layers: plain })).toMatch(/^C12 fit: \d+ tensors? more after two rounds/m);
  });

  it('LETS around what has no radius (C13)', async () => {
    const none = pluginOf(() => ({ radius: 'none' }));
    const lax: VariantSetup['lets'] = (inner) => inner;
    expect(await find('C13', none, { lets: lax })).toMatch(/wrapped sam, which has no radius to learn/);
    const learning = pluginOf(() => ({
      learnedRadius: { initial: 1, min: 0, max: 2, read: () => tf.scalar(1), write: (state) => state },
    }));
    expect(await find('C13', learning, { lets: lax })).toMatch(/wrapped sam, which has no radius to learn/);
    expect(await find('C13', none)).toBe('');
  });

  describe('what rho does to the step and LETS is not told (C18)', () => {
    const constantOf = ({ evaluate }: Step<unknown>): WeightVector => scale(evaluate().gradient, -0.3);
    const affine = (tells: boolean): VariantPlugin =>
      samWith({
        offset: (step, direction) => add(scale(direction, step.radius), constantOf(step)),
        finish: (outcome, step) =>
          tells ? { ...outcome, ascent: { ...outcome.ascent!, constant: constantOf(step) } } : outcome,
      });

    it('case 5: an offset that is affine in rho', async () => {
      // The numbers of the metrics: the derivative is right, and (gp - g) / rho has the wrong sign.
      expect(await find('C18', affine(false))).toMatch(
        /^C18 secant: the hypergradient of step \d is \d\.\d+, the finite difference -0\.\d+/m,
      );
      expect(await find('C18', affine(true))).toBe('');
    });

    it('a factor, a square, a radius used twice', async () => {
      const doubled = samWith({ finish: (outcome) => ({ ...outcome, gradient: scale(outcome.gradient!, 2) }) });
      for (const curvature of ['exact', 'secant', 'diagonal']) {
        expect(await find('C18', doubled)).toMatch(new RegExp(`^C18 ${curvature}: the hypergradient`, 'm'));
      }
      const squared = samWith({ offset: (step, direction) => scale(direction, tf.square(step.radius)) });
      expect(await find('C18', squared)).toMatch(/^C18 exact: the hypergradient/m);
      const again = samWith({
        finish: (outcome, { radius }) => ({ ...outcome, gradient: scale(outcome.gradient!, tf.add(1, radius)) }),
      });
      expect(await find('C18', again)).toMatch(/^C18 exact: the hypergradient/m);
    });

    it('an estimate that the variant excludes and LETS takes', async () => {
      const excluding = pluginOf(() => ({ curvatures: ['secant'] }));
      const lax: VariantSetup['lets'] = (inner) => inner;
      expect(await find('C18', excluding, { lets: lax })).toMatch(/^C18 exact: wrapped sam.*RADIUS_NOT_LEARNABLE/m);
      expect(await find('C18', excluding)).toBe('');
    });
  });

  it('a graph that is another step, and one where none can be (C17)', async () => {
    const found = await find('C17', samWith({}), { graph: pretendedGraphs(2) });
    if (tf.getBackend() === 'tensorflow') expect(found).toMatch(/^C17 base sgd: parameters after 12 steps off by/);
    else expect(found).toMatch(/^skipped: no graph ran: they need the native backend/);
    const everywhere: VariantSetup['graph'] = () =>
      Object.assign(() => tf.scalar(0), { graphs: 0, dispose: () => undefined });
    if (tf.getBackend() === 'tensorflow') return;
    expect(await find('C17', samWith({}), { graph: everywhere })).toMatch(
      /made a graph, although CAPTURE_REFUSED is promised/,
    );
  });

  it('case 1: no graph that ran, which is not a promise kept (C17)', async () => {
    if (tf.getBackend() !== 'tensorflow') return;
    const graph: VariantSetup['graph'] = (optimizer, lossOf) =>
      Object.assign((...batch: never) => optimizer.minimize(lossOf(...batch), true) as tf.Scalar, {
        graphs: 0,
        dispose: () => undefined,
      });
    const never = pluginOf(() => ({ graphKey: () => null, estimate: (step) => samStep(step, {}) }));
    const exempt = Object.fromEntries(checkIds.filter((id) => id !== 'C17').map((id) => [id, 'not now']));
    const { results, passed } = await checkVariant(never, { ...setup, graph, exempt });
    const reason = expect.stringMatching(/no graph ran/) as unknown;
    expect(results.find(({ check }) => check === 'C17')).toMatchObject({ check: 'C17', status: 'skipped', reason });
    expect(passed).toBe(true);
  });

  it('a kernel that reads back, unless it works in JavaScript memory (C15)', async () => {
    // What a kernel does that checks its inputs: cpu and wasm have them in JavaScript's memory.
    const kernel = { kernelName: 'ReadsBack', backendName: tf.getBackend() };
    tf.registerKernel({
      ...kernel,
      kernelFunc: ({ inputs, backend }) => {
        const { dataId, shape, dtype } = inputs['x'] as tf.TensorInfo;
        const memory = backend as tf.KernelBackend;
        memory.readSync(dataId);
        memory.incRef(dataId);
        return { dataId, shape, dtype };
      },
    });
    const reads = samWith({ also: ({ weights }) => void tf.engine().runKernel('ReadsBack', { x: weights[0]! }) });
    const found = await find('C15', reads);
    tf.unregisterKernel(kernel.kernelName, kernel.backendName);
    if (['cpu', 'wasm'].includes(tf.getBackend())) expect(found).toBe('');
    else expect(found).toMatch(/^C15 base sgd: the backend's readSync \(by a kernel\) was called once in step 0/);
  });
});
