// What the benchmark has to show, each as a number of one run beside its limit.

/** The models that the targets "everywhere" speak of. */
const everywhere = (results) => results.models.map(({ id }) => id);

const rowOf = (results, model, subject, mode) =>
  results.models
    .find(({ id }) => id === model)
    ?.rows.find((row) => row.subject === subject && row.mode === mode && row.median !== undefined);

/** One median in units of another, of the same model. */
const times =
  (model, [subject, mode], [otherSubject, otherMode]) =>
  (results) => {
    const own = rowOf(results, model, subject, mode);
    const other = rowOf(results, model, otherSubject, otherMode);
    return own && other && { value: own.median / other.median };
  };

const figure = (model, subject, mode, name) => (results) => {
  const value = rowOf(results, model, subject, mode)?.[name];
  return value === undefined ? undefined : { value };
};

/** The worst of all models, and which it is. */
const worst = (measure) => (results) =>
  everywhere(results)
    .map((model) => ({ ...measure(model)(results), where: model }))
    .filter(({ value }) => value !== undefined)
    .sort((a, b) => b.value - a.value)[0];

const worstFigure = (subject, mode, name) => worst((model) => figure(model, subject, mode, name));
const command = (name) => (results) => {
  const value = results.commands?.[name]?.median;
  return value === undefined ? undefined : { value };
};

/** @type {[model: string, mode: string, limit: number, under: boolean][]} */
const others = [
  ['small', 'jax', 1.5, false],
  ['small', 'torch', 0.5, true],
  ['large', 'jax', 1.3, false],
  ['cnn', 'torch', 0.6, false],
  ['resnet18', 'torch', 0.9, false],
];
const againstOthers = others.map(([model, mode, limit, under]) => ({
  text: `${model}: SAM captured, in SAM steps of ${mode}`,
  limit,
  under,
  measure: times(model, ['sam', 'captured'], ['sam', mode]),
}));

/** @type {[model: string, limit: number][]} */
const eagerLimits = [
  ['large', 1.08],
  ['cnn', 1.03],
  ['resnet18', 1.03],
];
const eagerFloors = eagerLimits.map(([model, limit]) => ({
  text: `${model}: SAM eager, of its floor`,
  limit,
  measure: figure(model, 'sam', 'eager', 'ratio'),
}));

/** @type {[subject: string, limit: number][]} */
const capturedLimits = [
  ['sam', 1.03],
  ['asam', 1.08],
  ['gsam', 1.08],
  ['fsam', 1.08],
];
const capturedFloors = capturedLimits.map(([subject, limit]) => ({
  text: `${subject} captured, of its floor, everywhere`,
  limit,
  measure: worstFigure(subject, 'captured', 'ratio'),
}));

/**
 * What has to be shown: a number of a run, and its limit.
 *
 * @typedef {object} Target
 * @property {string} text
 * @property {number} limit
 * @property {boolean} [under] the number has to be below the limit, not at most that
 * @property {string} [unit]
 * @property {number} [tolerance]
 * @property {(results: any) => { value: number, where?: string } | undefined} measure
 */

/** @type {readonly Target[]} */
export const targets = [
  ...againstOthers,
  {
    text: 'SAM captured, in eager SAM steps, everywhere',
    limit: 1,
    measure: worst((model) => times(model, ['sam', 'captured'], ['sam', 'eager'])),
  },
  ...eagerFloors,
  ...capturedFloors,
  {
    text: 'LETS robust every 4 captured, in SAM steps, everywhere',
    limit: 1.2,
    measure: worstFigure('lets-robust-every-4', 'captured', 'inSamSteps'),
  },
  {
    text: 'LETS robust captured, in SAM steps, everywhere',
    limit: 1.55,
    measure: worstFigure('lets-robust', 'captured', 'inSamSteps'),
  },
  {
    text: 'cnn: LookSAM k=5 captured, in plain steps',
    limit: 1.35,
    measure: figure('cnn', 'looksam', 'captured', 'inPlainSteps'),
  },
  {
    text: 'large: ESAM captured, in SAM steps',
    limit: 0.8,
    measure: figure('large', 'esam', 'captured', 'inSamSteps'),
  },
  {
    text: 'SAM eager, copies of the weights beyond the base, everywhere',
    limit: 2,
    measure: worstFigure('sam', 'eager', 'copies'),
    // Losses, norms and the like are a few bytes more.
    tolerance: 0.01,
  },
  {
    text: 'LETS robust eager, copies of the weights beyond the base, everywhere',
    limit: 4,
    measure: worstFigure('lets-robust', 'eager', 'copies'),
    tolerance: 0.01,
  },
  { text: 'the quickstart', limit: 30, under: true, unit: 's', measure: command('quickstart') },
  { text: 'flatmin --help', limit: 0.15, under: true, unit: 's', measure: command('help') },
  { text: 'the first step of flatmin train', limit: 3, under: true, unit: 's', measure: command('firstStep') },
  {
    text: 'resnet18: capture of the SAM step',
    limit: 10,
    under: true,
    unit: 's',
    measure: figure('resnet18', 'sam', 'captured', 'madeSeconds'),
  },
];

/** Every target with what was measured; `met` is undefined where nothing was. */
export function judged(results) {
  return targets.map(({ text, limit, under = false, unit, tolerance = 0, measure }) => {
    const { value = Number.NaN, where } = measure(results) ?? {};
    const isWithin = under ? value < limit : value <= limit + tolerance;
    const found = Number.isNaN(value) ? { value: undefined, met: undefined } : { value, met: isWithin };
    return { text, limit, under, ...(unit && { unit }), ...(where && { where }), ...found };
  });
}
