import { progressDisplay, type ProgressDisplay, type ProgressStream } from '@flatmin/training/node';
import { terminalText } from '../terminal/terminal.js';
import { gaussNewtonCost, hessianCost, valueCost } from './followed.js';
import type { AnalysisSettings } from './settings.js';

/** A thing that is measured, and what it may cost in gradients. */
export interface Stage {
  readonly name: string;
  readonly cost: number;
}

/** Milliseconds after which others get their turn: a signal, above all. */
const turn = 50;

/** How far an analysis is: shown on a terminal as a bar, elsewhere as lines; ends it where it is asked to. */
export class Work {
  readonly #stages: readonly Stage[];
  readonly #display: ProgressDisplay;
  readonly #signal: AbortSignal | undefined;
  #label = '';
  #before = 0;
  #stage: Stage | undefined;
  #spent = 0;
  #turn = performance.now();

  constructor(
    stages: readonly Stage[],
    { signal, stream }: { signal?: AbortSignal | undefined; stream?: ProgressStream | undefined },
  ) {
    this.#stages = stages;
    this.#signal = signal;
    const total = stages.reduce((sum, { cost }) => sum + cost, 0);
    this.#display = progressDisplay({ total: Math.max(total, 1), ...(stream && { stream }) });
  }

  /** Begins the next of the stages that are so called. */
  begin(name: string, run = ''): void {
    const from = this.#stage === undefined ? 0 : this.#stages.indexOf(this.#stage) + 1;
    const at = this.#stages.findIndex((stage, i) => i >= from && stage.name === name);
    if (at < 0) throw new Error(`${name} was not planned`);
    this.#stage = this.#stages[at];
    this.#spent = 0;
    this.#before = this.#stages.slice(0, at).reduce((sum, { cost }) => sum + cost, 0);
    this.#label = terminalText([run, name].filter((part) => part !== '').join(': '));
    if (from === 0) this.#display.begin(0, this.#label);
  }

  /** What is to be called before each pass. */
  readonly spend = async (cost: number): Promise<void> => {
    if (performance.now() - this.#turn > turn) {
      await new Promise((resolve) => setImmediate(resolve));
      this.#turn = performance.now();
    }
    this.#signal?.throwIfAborted();
    this.#spent += cost;
    this.#display.update(this.#before + Math.min(this.#spent, this.#stage?.cost ?? 0), { measuring: this.#label });
  };

  end(): void {
    this.#display.stop();
  }
}

/** Products by which the step of differences is found. */
const stepProducts = 8;
/** Products that an eigenvalue mostly takes. */
const productsEach = 5;

/** What is measured of a run, in its order. */
export function stagesOfRun(settings: AnalysisSettings): readonly Stage[] {
  const { hessian, sharpness, density, blocks, gaussNewton, adaptive, k, products } = settings;
  const top = stepProducts + productsEach * k;
  const ball = 3 * 22 + 2 + 101 * valueCost;
  return [
    { name: 'loss', cost: 2 },
    ...(hessian
      ? [
          { name: 'eigenvalues', cost: hessianCost * top },
          { name: 'trace', cost: hessianCost * products },
          ...(density ? [{ name: 'spectral density', cost: hessianCost * 800 }] : []),
          ...(blocks ? [{ name: 'blocks', cost: hessianCost * 200 }] : []),
          ...(gaussNewton ? [{ name: 'Gauss-Newton matrix', cost: gaussNewtonCost * (top + products) }] : []),
        ]
      : []),
    ...(sharpness ? [{ name: 'sharpness', cost: adaptive ? 2 * ball : ball + 24 }] : []),
  ];
}

/** What a landscape costs, of two parts. */
export function landscapeStage(name: 'landscape' | 'line' | 'trajectory', { points }: AnalysisSettings): Stage {
  return { name, cost: 2 * valueCost * (name === 'line' ? points : points ** 2) };
}
