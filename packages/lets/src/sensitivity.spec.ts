import { createContainer } from '@flatmin/core';
import {
  type Ascent,
  axpy,
  definePlugin,
  normalize,
  radius,
  scale,
  sub,
  type SharpnessVariant,
  type Step,
  type StepOutcome,
  type WeightVector,
} from '@flatmin/core/plugin';
import samPlugin from '@flatmin/sam';
import wsamPlugin from '@flatmin/wsam';
import { afterEach, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import * as z from 'zod';
import { letsPlugin } from './plugin.js';

const made: { dispose(): void }[] = [];
afterEach(() => made.splice(0).forEach((each) => each.dispose()));
const own = <T extends { dispose(): void }>(each: T): T => {
  made.push(each);
  return each;
};

type Estimate = (step: Step<unknown>) => Omit<StepOutcome<unknown>, 'loss' | 'state'>;

/**
 * One step at rho 0.5 on 1/2 (w1^2 + 2 w2^2) from (3, 2), SGD at 0.1, and LETS's metrics; L_vl = 1/2 (2 (w1 - 1)^2 +
 * (w2 + 1)^2).
 */
function metricsOf(estimate: Estimate, settings: object, more: Partial<SharpnessVariant<unknown>> = {}) {
  const variant: SharpnessVariant<unknown> = {
    id: 'theirs',
    radius: 'linear',
    initialState: () => ({}),
    estimate: (step) => ({ loss: step.evaluate().loss, state: {}, ...estimate(step) }),
    ...more,
  };
  const options = z.strictObject({ rho: radius(0.5) });
  const plugin = definePlugin({ kind: 'variant', id: 'theirs', apiVersion: 1, options, create: () => variant });
  const container = createContainer({ plugins: [plugin, samPlugin, wsamPlugin, letsPlugin] });
  const w = own(tf.variable(tf.tensor1d([3, 2])));
  const bowl = (a: number[], c: number[]) => (): tf.Scalar =>
    tf.tidy(() => tf.mul(0.5, tf.sum(tf.mul(a, tf.square(tf.sub(w, c))))));
  const spec = {
    ...{ use: 'lets', objective: 'validation', parameterization: 'linear' },
    inner: { use: 'theirs', rho: 0.5, base: { use: 'sgd', learningRate: 0.1 } },
    ...settings,
  };
  const optimizer = own(container.createOptimizer(spec, { validationLoss: bowl([2, 1], [1, -1]) }));
  optimizer.minimize(bowl([1, 2], [0, 0]), false, [w]);
  const { hypergradient, gradientEvaluations } = optimizer.lastStep;
  return { hypergradient: hypergradient as number, gradientEvaluations };
}

/** SAGM: the gradient at rho d - alpha g. */
const sagm =
  (alpha: number, tells: (step: Step<unknown>, constant: WeightVector) => Partial<Ascent>): Estimate =>
  (step) => {
    const { gradient: clean } = step.evaluate();
    const direction = normalize(clean);
    const constant = scale(clean, -alpha);
    const { gradient: perturbed } = step.evaluate({ offset: axpy(step.radius, direction, constant) });
    return { gradient: perturbed, ascent: { direction, clean, perturbed, ...tells(step, constant) } };
  };

/** CR-SAM with gamma 0.5 and beta 0.2: 1.7 of the gradient at rho d, 0.3 of that at -rho d, less the clean one. */
const bothSides: Estimate = (step) => {
  const { gradient: clean } = step.evaluate();
  const [ahead, behind] = [normalize(clean), scale(normalize(clean), -1)];
  const at = (d: WeightVector): WeightVector => step.evaluate({ offset: scale(d, step.radius) }).gradient;
  const [gp, gm] = [at(ahead), at(behind)];
  const gradient = sub(axpy(1.7, gp, scale(gm, 0.3)), clean);
  const others = [{ direction: behind, clean, perturbed: gm, factor: 0.3 }];
  return { gradient, ascent: { direction: ahead, clean, perturbed: gp, factor: 1.7, others } };
};

describe('case 5: the hypergradient, worked out by hand', () => {
  // SAGM, alpha 0.2: g = (3, 4), d = (0.6, 0.8), constant (-0.6, -0.8), offset (-0.3, -0.4); gp = (2.7, 3.2), theta' =
  // (2.73, 1.68), q_vl = (3.46, 2.68). H d = (0.6, 1.6): h = -0.1 (0.6 3.46 + 1.6 2.68) = -0.6364. (gp - g) / rho is -H
  // d, of the other sign.
  it.each([
    ['secant', {}, -0.6364, 4],
    ['exact', {}, -0.6364, 5],
    // gp gp d = (4.374, 8.192).
    ['diagonal', {}, -3.70886, 3],
  ])('of an offset with a constant part, %s', (curvature, _, expected, gradientEvaluations) => {
    const metrics = metricsOf(
      sagm(0.2, (__, constant) => ({ constant })),
      { curvature },
    );
    expect(metrics.hypergradient).toBeCloseTo(expected, 3);
    expect(metrics.gradientEvaluations).toBe(gradientEvaluations);
  });

  it('takes the gradient where rho is 0 from who has it', () => {
    const origin = (step: Step<unknown>, constant: WeightVector) => ({
      constant,
      origin: step.evaluate({ offset: constant }).gradient,
    });
    const { hypergradient, gradientEvaluations } = metricsOf(sagm(0.2, origin), { curvature: 'secant' });
    expect(hypergradient).toBeCloseTo(-0.6364, 4);
    expect(gradientEvaluations).toBe(4);
  });

  it('of a sum over two points', () => {
    // gp = (3.3, 4.8), gm = (2.7, 3.2): the step (3.42, 5.12), theta' = (2.658, 1.488), q_vl = (3.316, 2.488);
    // d = (1.7 - 0.3) H d = (0.84, 2.24): h = -0.1 (0.84 3.316 + 2.24 2.488) = -0.835856.
    expect(metricsOf(bothSides, { curvature: 'secant' }).hypergradient).toBeCloseTo(-0.835856, 4);
    expect(metricsOf(bothSides, { curvature: 'exact' }).hypergradient).toBeCloseTo(-0.835856, 3);
    // gp gp d = (6.534, 18.432), gm gm d = (4.374, 8.192): 1.7 and -0.3 of them are (9.7956, 28.8768).
    expect(metricsOf(bothSides, { curvature: 'diagonal' }).hypergradient).toBeCloseTo(-10.432769, 3);
  });

  it.each(['diagonal', 'secant', 'exact'])('stated outright, under %s too', (curvature) => {
    // theta' = (2.73, 1.68) as above: -0.1 <(3.46, 2.68), (1, 2)>.
    const outright = sagm(0.2, () => ({ derivative: () => [tf.tensor1d([1, 2])] }));
    const { hypergradient, gradientEvaluations } = metricsOf(outright, { curvature });
    expect(hypergradient).toBeCloseTo(-0.882, 5);
    expect(gradientEvaluations).toBe(3);
  });

  it('evaluates where a point says, for gradients of another loss', () => {
    const ofDouble: Estimate = (step) => {
      const gradientAt = (offset?: WeightVector): WeightVector =>
        scale(step.evaluate(offset === undefined ? {} : { offset }).gradient, 2);
      const direction = normalize(step.evaluate().gradient);
      const perturbed = gradientAt(scale(direction, step.radius));
      return { gradient: perturbed, ascent: { direction, clean: gradientAt(), perturbed, gradientAt } };
    };
    // 2 gp = (6.6, 9.6): theta' = (2.34, 1.04), q_vl = (2.68, 2.04), d = 2 H d = (1.2, 3.2).
    for (const curvature of ['secant', 'exact']) {
      expect(metricsOf(ofDouble, { curvature }).hypergradient).toBeCloseTo(-0.1 * (1.2 * 2.68 + 3.2 * 2.04), 3);
    }
  });

  it('refuses by name an estimate of H d that does not hold for the variant, and says which do', () => {
    const more = { curvatures: ['secant', 'exact'] };
    const plain = sagm(0, () => ({}));
    expect(() => metricsOf(plain, { preset: 'paper' }, more)).toThrow(
      /curvature "diagonal".*theirs.*Use curvature "secant" or "exact"/s,
    );
    const inner = { use: 'theirs', every: 2, microBatches: 1, base: { use: 'sgd', learningRate: 0.1 } };
    expect(() => metricsOf(plain, { preset: 'paper', inner }, more)).toThrow(/cannot learn the radius of theirs/);
    expect(metricsOf(plain, { curvature: 'secant' }, more).hypergradient).toBeLessThan(0);
  });
});

describe('a variant that moves the weights beside its base', () => {
  const inner = { use: 'wsam', rho: 0.5, gamma: 0.75, base: { use: 'sgd', learningRate: 0.1 } };

  it('case 7: is not matched in length silently', () => {
    const matched = { preset: 'robust', normMatch: true };
    expect(() =>
      metricsOf(
        sagm(0, () => ({})),
        { ...matched, inner },
      ),
    ).toThrow(/lets\(wsam\) with normMatch.*wsam also moves the weights itself/s);
    expect(
      metricsOf(
        sagm(0, () => ({})),
        { ...matched, inner: { ...inner, decouple: false } },
      ).hypergradient,
    ).not.toBe(0);
  });

  it('case 5: is projected off its whole step, as where the base takes it all', () => {
    // Under plain SGD both forms of WSAM are one step.
    const settings = { preset: 'robust', objective: 'validation', parameterization: 'log' };
    const [beside, within] = [true, false].map(
      (decouple) =>
        metricsOf(
          sagm(0, () => ({})),
          { ...settings, inner: { ...inner, decouple } },
        ).hypergradient,
    );
    expect(beside).toBeCloseTo(within as number, 5);
  });
});
