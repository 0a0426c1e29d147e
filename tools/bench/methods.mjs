// What is measured of each model: the variants that are registered, and LETS, with the options they are measured with.

export const base = { use: 'momentum', learningRate: 1e-4, momentum: 0.9 };

/** Options where a variant requires some, or where its default is not what its target speaks of. */
const options = {
  bsam: { N: 50_000 },
  esam: { beta: 0.6, gamma: 0.5 },
  'le-sam': { sigma: 0.05, rhoMax: 0.1 },
  looksam: { k: 5 },
  // Half of the steps, as with p 0.5, and as many in each sample.
  rst: { coins: [1, 0] },
};

/** Steps in one sample, where a step is not like the one before: a whole period of it, or some of a policy's. */
const steps = { looksam: 5, rst: 2, 'ae-sam': 8, 'ae-looksam': 8 };

const letsSpec = (preset, every) => ({ use: 'lets', preset, every, inner: { use: 'sam' }, base });
const letsMethods = ['paper', 'robust'].flatMap((preset) =>
  [1, 4].map((every) => ({
    id: `lets-${preset}${every === 1 ? '' : `-every-${every}`}`,
    spec: letsSpec(preset, every),
    steps: every,
  })),
);

/** What a target speaks of on every model, and on one. */
const everywhere = ['asam', 'gsam', 'fsam', 'lets-robust', 'lets-robust-every-4'];
const first = [...everywhere, 'looksam', 'esam'];
const rank = ({ id }) => (first.includes(id) ? first.indexOf(id) : first.length);

/**
 * Every variant and meta of some plugins as a spec, and LETS in its four forms. SAM is not among them: it belongs to
 * what the others are compared with.
 */
export function methodsOf(plugins) {
  const variants = plugins
    .filter(({ kind, id }) => (kind === 'variant' || kind === 'meta') && id !== 'sam' && id !== 'lets')
    .map(({ id }) => ({ id, spec: { use: id, ...options[id], base }, steps: steps[id] ?? 1 }));
  return [...variants, ...letsMethods].sort((a, b) => rank(a) - rank(b));
}

/** Whether a target speaks of a method on every model. */
export const isTargetEverywhere = ({ id }) => everywhere.includes(id);
