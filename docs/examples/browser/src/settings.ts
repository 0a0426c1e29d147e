import { type Method, methodOf, methods } from './methods.js';

/** In the order in which they suit a small network: work on a GPU costs more to start than it saves here. */
export const backends = ['wasm', 'webgl', 'webgpu', 'cpu'] as const;
export type BackendName = (typeof backends)[number];

/** What the controls can be set to. */
export const radii = [0, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2] as const;
export const learningRates = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5] as const;
/** Shares of the training labels that are wrong. */
export const noises = [0, 0.2, 0.4] as const;

export interface RunChoice {
  readonly method: Method;
  /** Of no meaning where the method has none. */
  readonly radius: number;
}

/** All settings of the page: what a link says. */
export interface PageSettings {
  readonly runs: readonly [RunChoice, RunChoice];
  readonly noise: number;
  readonly learningRate: number;
  readonly backend: BackendName;
}

const runNames = ['a', 'b'] as const;

/** The fragment of a link to these settings, without its #. */
export function fragmentOf({ runs, noise, learningRate, backend }: PageSettings): string {
  const ofRuns = runs.flatMap(({ method, radius }, i): [string, string][] => {
    const name = runNames[i]!;
    return [
      [name, method.id],
      ...(method.radius === null ? [] : [[`${name}-rho`, String(radius)] as [string, string]]),
    ];
  });
  const ofBoth = { labels: String(noise), rate: String(learningRate), backend };
  return new URLSearchParams([...ofRuns, ...Object.entries(ofBoth)]).toString();
}

/** The number of `values` that is nearest. */
export function nearest(values: readonly number[], wanted: number): number {
  return values.reduce((best, value) => (Math.abs(value - wanted) < Math.abs(best - wanted) ? value : best));
}

/** The radius that a method begins with, among those that can be set. */
export const ownRadius = ({ radius }: Method): number => nearest(radii, radius ?? 0);

/**
 * The settings that a fragment says. What it does not say is as in `otherwise`; what is wrong too, and each such thing
 * is a problem that says so.
 */
export function settingsOf(
  fragment: string,
  otherwise: PageSettings,
  isAvailable: (name: BackendName) => boolean,
): { readonly settings: PageSettings; readonly problems: readonly string[] } {
  const said = new URLSearchParams(fragment.replace(/^#/, ''));
  const problems: string[] = [];
  const choice = <T extends string | number>(key: string, choices: readonly T[], own: T): T => {
    const all = said.getAll(key);
    said.delete(key);
    if (all.length === 0) return own;
    const found = choices.find((each) => String(each) === all[0]);
    if (found !== undefined && all.length === 1) return found;
    const wrong =
      all.length > 1
        ? `The link says ${key} ${all.length} times: say it once.`
        : `The link says ${key}=${all[0]}, which is not one of ${choices.join(', ')}.`;
    problems.push(`${wrong} ${own} is taken.`);
    return own;
  };
  const run = (i: 0 | 1): RunChoice => {
    const name = runNames[i];
    const own = otherwise.runs[i];
    const method = methodOf(choice(name, methods.map(({ id }) => id), own.method.id)); // prettier-ignore
    if (method.radius === null) {
      if (said.has(`${name}-rho`)) problems.push(`The link says ${name}-rho, and ${method.name} has no radius.`);
      said.delete(`${name}-rho`);
      return { method, radius: 0 };
    }
    return { method, radius: choice(`${name}-rho`, radii, method === own.method ? own.radius : ownRadius(method)) };
  };
  const settings: PageSettings = {
    runs: [run(0), run(1)],
    noise: choice('labels', noises, otherwise.noise),
    learningRate: choice('rate', learningRates, otherwise.learningRate),
    backend: choice('backend', backends.filter(isAvailable), otherwise.backend),
  };
  for (const key of new Set(said.keys()))
    problems.push(`The link says ${key}, which is not a setting of this page. It changes nothing.`);
  return { settings, problems };
}
