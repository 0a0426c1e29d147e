import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { element } from './page.js';
import type { Point } from './run.js';

/** A color of the style sheet, so that light and dark are decided there alone. */
export const color = (name: string) => (): string =>
  getComputedStyle(document.documentElement).getPropertyValue(`--${name}`);

export const axis: uPlot.Axis = {
  stroke: color('soft'),
  grid: { stroke: color('line'), width: 1 },
  ticks: { stroke: color('line'), width: 1, size: 4 },
  font: '12px system-ui, sans-serif',
};

const fixed = (digits: number) => (_: uPlot, value: number | null) => (value === null ? '–' : value.toFixed(digits));

export function runSeries(label: string, digits: number): uPlot.Series {
  return {
    label,
    stroke: color(`run-${label.toLowerCase()}`),
    width: 2,
    value: fixed(digits),
    points: { show: false },
  };
}

/** Keeps a plot as wide as what it is in, and in the colors of the style sheet. */
export function followContainer(plot: uPlot, container: HTMLElement, height: number): void {
  new ResizeObserver(() => plot.setSize({ width: container.clientWidth, height })).observe(container);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => plot.redraw(false));
}

const height = 200;

interface ChartOptions {
  readonly digits: number;
  readonly scale: uPlot.Scale;
}

/** One figure of both runs over the steps. */
class Chart {
  readonly #plot: uPlot;

  constructor(id: string, { digits, scale }: ChartOptions) {
    const container = element(id, HTMLElement);
    this.#plot = new uPlot(
      {
        width: container.clientWidth,
        height,
        scales: { x: { time: false, range: (_, __, last) => [0, Math.max(200, last ?? 0)] }, y: scale },
        series: [{ label: 'Step' }, runSeries('A', digits), runSeries('B', digits)],
        axes: [
          { ...axis, size: 30 },
          { ...axis, size: 46 },
        ],
        cursor: { y: false },
      },
      [[], [], []],
      container,
    );
    followContainer(this.#plot, container, height);
  }

  draw(steps: number[], runs: readonly (number | null)[][]): void {
    this.#plot.setData([steps, ...(runs as [number[], number[]])]);
  }
}

/** The charts of the page, and what is drawn in them: the points of both runs. */
export class Charts {
  readonly points: readonly Map<number, Point>[] = [new Map(), new Map()];
  readonly #radius = new Chart('chart-radius', {
    digits: 4,
    // A logarithmic scale must begin and end at round numbers: uPlot counts its marks on from the first.
    scale: {
      distr: 3,
      range: (_, low, high) => uPlot.rangeLog(Math.min(0.01, low ?? 1), Math.max(1, high ?? 0), 10, false),
    },
  });
  readonly #loss = new Chart('chart-loss', {
    digits: 4,
    scale: { range: (_, __, high) => [0, Math.max(2.4, high ?? 0) * 1.05] },
  });
  readonly #accuracy = new Chart('chart-accuracy', {
    digits: 3,
    scale: { range: (_, __, high) => [0, Math.max(0.6, (high ?? 0) * 1.1)] },
  });

  add(run: number, point: Point): void {
    this.points[run]!.set(point.step, point);
    this.#draw();
  }

  clear(): void {
    for (const points of this.points) points.clear();
    this.#draw();
  }

  #draw(): void {
    const steps = [...new Set(this.points.flatMap((points) => [...points.keys()]))].sort((a, b) => a - b);
    const values = (of: (point: Point) => number | null) =>
      this.points.map((points) => steps.map((step) => (points.has(step) ? of(points.get(step)!) : null)));
    // A logarithm has no 0.
    this.#radius.draw(
      steps,
      values(({ radius }) => radius || null),
    );
    this.#loss.draw(
      steps,
      values(({ loss }) => loss),
    );
    this.#accuracy.draw(
      steps,
      values(({ accuracy }) => accuracy),
    );
  }
}
