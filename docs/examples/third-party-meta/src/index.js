import { FlatminError } from '@flatmin/core';
import { definePlugin, metaFactory, throwProblems } from '@flatmin/core/plugin';
import { z } from 'zod';
import { trustRadiusAround } from './trustRadius.js';

const share = (value, what) => z.number().min(0).max(1).default(value).describe(what);

const options = z.strictObject({
  low: share(0.25, 'Agreement below which rho shrinks (0.25: the book).'),
  high: share(0.75, 'Agreement above which rho grows (0.75: the book).'),
  shrink: share(0.25, 'What rho is then multiplied by (0.25: the book).'),
  grow: z.number().min(1).default(2).describe('What rho is then multiplied by (2: the book).'),
  rhoMax: z.number().positive().default(2).describe('Largest rho (2: the choice of this package).'),
});

/** Where rho starts: at the inner variant's, which must then be a number. */
function startOf(givenRadius = 0.05, { rhoMax }) {
  if (typeof givenRadius === 'number' && givenRadius <= rhoMax) return givenRadius;
  const problem = { path: 'inner.rho', value: givenRadius, message: `is not a number up to rhoMax ${rhoMax}` };
  throwProblems([{ ...problem, remedy: 'Give rho as a number, where trust-radius starts.' }], 'trust-radius');
}

/** The plugin, for specs: `{ use: 'trust-radius', inner: { use: 'sam', rho: 0.05, base: { ... } } }`. */
const trustRadiusPlugin = definePlugin({
  kind: 'meta',
  id: 'trust-radius',
  apiVersion: 1,
  description:
    'Grows rho while the loss is as linear along the ascent as SAM takes it to be, and shrinks it where it is not.',
  about: {
    paper:
      'Nocedal, Wright, "Numerical Optimization", 2nd edition, Springer 2006, algorithm 4.1; not tried under SAM there',
    direction: "the inner variant's",
    finalGradient: "the inner variant's",
    evaluations: "the inner variant's",
    state: "rho, and the inner variant's",
  },
  options,
  create: (settings, { givenRadius, inner }) => {
    if (inner.radius === 'none' || inner.learnedRadius !== undefined) {
      throw new FlatminError(
        'RADIUS_NOT_LEARNABLE',
        `trust-radius cannot wrap ${inner.id}, which has no radius to be given. Wrap a variant such as sam or asam.`,
      );
    }
    return trustRadiusAround(inner, startOf(givenRadius, settings), settings);
  },
});

export default trustRadiusPlugin;

/** The same in code: `trustRadius(sam({ rho: 0.05, base }))`. */
export const trustRadius = metaFactory(trustRadiusPlugin);
