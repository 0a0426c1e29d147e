import uPlot from 'uplot';
import { axis, color, followContainer, runSeries } from './charts.js';
import { element } from './page.js';
import { alphas, centerOf, type Slice } from './slice.js';
import { shortestDrawn, wordsOf } from './words.js';

const names = ['a', 'b'] as const;

/** The loss along one direction through the weights of both runs, as curves and in words. */
export class SliceChart {
  readonly slices: (Slice | undefined)[] = [undefined, undefined];
  readonly #words = element('slice-words', HTMLElement);
  readonly #plot: uPlot;

  constructor() {
    const container = element('chart-slice', HTMLElement);
    const rise = (_: uPlot, value: number | null, index: number): string => {
      const slice = this.slices[index - 1];
      if (slice === undefined) return '–';
      const center = `${centerOf(slice).toFixed(4)} at the center`;
      return value === null ? center : `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(4)} (${center})`;
    };
    this.#plot = new uPlot(
      {
        width: container.clientWidth,
        height: 260,
        scales: {
          x: { time: false, range: [-1, 1] },
          y: { range: (_, low, high) => [Math.min(0, low ?? 0) * 1.05, Math.max(0.1, high ?? 1) * 1.05] },
        },
        series: [{ label: 'α' }, ...names.map((name) => ({ ...runSeries(name.toUpperCase(), 4), value: rise }))],
        axes: [
          { ...axis, size: 30 },
          { ...axis, size: 46 },
        ],
        cursor: { y: false },
        hooks: { draw: [() => this.#drawRadii()] },
      },
      [[...alphas], [], []],
      container,
    );
    followContainer(this.#plot, container, 260);
    this.#draw();
  }

  show(run: number, slice: Slice): void {
    this.slices[run] = slice;
    this.#draw();
  }

  clear(): void {
    this.slices.fill(undefined);
    this.#draw();
  }

  #draw(): void {
    const rises = this.slices.map((slice) =>
      alphas.map((_, i) => {
        const rise = slice === undefined ? NaN : slice.losses[i]! - centerOf(slice);
        return Number.isFinite(rise) ? rise : null;
      }),
    );
    this.#plot.setData([[...alphas], ...(rises as [number[], number[]])]);
    this.#words.textContent = wordsOf(this.slices);
  }

  /** How far the radius of each run reaches on this scale, as dashed lines. */
  #drawRadii(): void {
    const { bbox, ctx } = this.#plot;
    this.slices.forEach((slice, i) => {
      const reach = (slice?.reach ?? 0) / (slice?.length ?? 1);
      if (reach < shortestDrawn || reach > 1) return;
      ctx.save();
      ctx.strokeStyle = color(`run-${names[i]!}`)();
      ctx.lineWidth = devicePixelRatio;
      ctx.setLineDash([4 * devicePixelRatio, 4 * devicePixelRatio]);
      for (const alpha of [-reach, reach]) {
        const x = this.#plot.valToPos(alpha, 'x', true);
        ctx.beginPath();
        ctx.moveTo(x, bbox.top);
        ctx.lineTo(x, bbox.top + bbox.height);
        ctx.stroke();
      }
      ctx.restore();
    });
  }
}
