import { methodOf } from './methods.js';
import { ownRadius, type PageSettings } from './settings.js';

type Settings = Omit<PageSettings, 'backend'>;

/** Settings that show something, and where to look. What they say was measured: see the README. */
export interface Preset {
  readonly id: string;
  readonly name: string;
  readonly look: string;
  readonly settings: Settings;
}

const run = (id: string, radius = ownRadius(methodOf(id))) => ({ method: methodOf(id), radius });
const both = { noise: 0.2, learningRate: 0.1 };

/** The first is what the page opens with. */
export const presets: readonly [Preset, ...Preset[]] = [
  {
    id: 'memorize',
    name: '20 % wrong labels: SGD memorizes, SAM far less',
    look: 'Watch A: its training loss goes on falling while its test accuracy falls from its peak, and the loss around it becomes steep; in the end it has learned about two thirds of the wrong labels, and B, SAM with a radius that LETS learns, about a quarter.',
    settings: { ...both, runs: [run('sgd'), run('lets-sam', 0.05)] },
  },
  {
    id: 'too-large',
    name: 'Too large a radius',
    look: 'Watch the test accuracy: B, at 0.5, needs 22 epochs for the 0.3 that A has after two, and ends below A, although the loss around it is far flatter.',
    settings: { ...both, runs: [run('sam', 0.2), run('sam', 0.5)] },
  },
  {
    id: 'lets',
    name: 'LETS finds it from 0.001',
    look: 'Watch the radius: A keeps 0.001 and learns more than half of the wrong labels, that of B rises to about 2, and B ends with the higher test accuracy and the flatter loss around it.',
    settings: { ...both, runs: [run('sam', 0.001), run('lets-sam', 0.001)] },
  },
];

/** The preset that these settings are, on whatever backend. */
export function presetOf({ runs, noise, learningRate }: Settings): Preset | undefined {
  return presets.find(({ settings }) => {
    const same = settings.runs.every(({ method, radius }, i) => {
      const other = runs[i]!;
      return method === other.method && (method.radius === null || radius === other.radius);
    });
    return same && settings.noise === noise && settings.learningRate === learningRate;
  });
}
