import type { TopLevelSpec } from 'vega-lite';
import type { RunRecord } from '../run/runRecord.js';
import { counted, extremesOf, methodsOf, resultNameOf, resultOf, spreadOf } from './summary.js';

/** Okabe and Ito's palette, which people with any common color vision deficiency can tell apart. */
const palette = ['#6e6e6e', '#56b4e9', '#0072b2', '#cc79a7', '#e69f00', '#009e73', '#d55e00', '#000000'];

const size = { width: 680, height: 320 } as const;
const font = 'system-ui, sans-serif';
const look = {
  font,
  background: 'white',
  view: { stroke: null },
  axis: {
    labelFontSize: 12,
    titleFontSize: 13,
    titleFontWeight: 600,
    gridColor: '#eceff1',
    domainColor: '#90a4ae',
    tickColor: '#90a4ae',
  },
  legend: {
    labelFontSize: 12,
    labelLimit: 260,
    title: null,
    symbolStrokeWidth: 3,
    symbolType: 'stroke',
    symbolOpacity: 1,
    orient: 'right',
    rowPadding: 6,
  },
} as const;

function color(methods: readonly string[]) {
  return {
    field: 'method',
    type: 'nominal',
    scale: { domain: [...methods], range: palette.slice(0, methods.length) },
  } as const;
}

/**
 * The test accuracy, or loss, after each epoch: the mean over the seeds, with a band of one standard error to each
 * side.
 */
export function resultPlot(runs: readonly RunRecord[]): TopLevelSpec {
  const methods = methodsOf(runs);
  const values = methods.flatMap((method) => resultByEpoch(method, counted(runs)));
  const epoch = {
    field: 'epoch',
    type: 'quantitative',
    axis: { title: 'epoch', tickMinStep: 1, grid: false },
  } as const;
  const scale = { zero: false, nice: true } as const;
  return {
    ...size,
    config: look,
    data: { values },
    encoding: { x: epoch, color: color(methods) },
    layer: [
      {
        mark: { type: 'area', opacity: 0.16 },
        encoding: {
          y: {
            field: 'low',
            type: 'quantitative',
            scale,
            axis: { title: `test ${resultNameOf(runs)}`, format: '.2f' },
          },
          y2: { field: 'high' },
        },
      },
      { mark: { type: 'line', strokeWidth: 2 }, encoding: { y: { field: 'result', type: 'quantitative', scale } } },
    ],
  };
}

function resultByEpoch(method: string, runs: readonly RunRecord[]) {
  const byEpoch = new Map<number, number[]>();
  for (const run of runs) {
    if (run.method !== method) continue;
    for (const { epoch, test } of run.history) {
      if (test !== undefined) byEpoch.set(epoch, [...(byEpoch.get(epoch) ?? []), resultOf(test)]);
    }
  }
  return [...byEpoch].map(([epoch, results]) => {
    const { mean, error = 0 } = spreadOf(results);
    return { method, epoch, result: mean, low: mean - error, high: mean + error };
  });
}

/** rho after each logged step, one line a seed, on a logarithmic axis; undefined where no run has a rho. */
export function radiusPlot(runs: readonly RunRecord[]): TopLevelSpec | undefined {
  const perturbing = runs.filter(({ radii }) => radii.some(({ radius }) => radius > 0));
  if (perturbing.length === 0) return undefined;
  const values = perturbing.flatMap(({ method, seed, radii, learnsRadius }) =>
    radii
      // A logarithmic axis has no place for 0.
      .filter(({ radius }) => radius > 0)
      .map(({ step, radius }) => ({
        method,
        run: `${method}/${seed}`,
        step,
        radius,
        kind: learnsRadius ? 'learned' : 'given',
      })),
  );
  return {
    ...size,
    config: look,
    data: { values },
    mark: { type: 'line', strokeWidth: 1.8, opacity: 0.9 },
    encoding: {
      x: { field: 'step', type: 'quantitative', axis: { title: 'step', grid: false, tickCount: 10 } },
      y: {
        field: 'radius',
        type: 'quantitative',
        scale: { type: 'log', nice: false },
        axis: {
          title: 'rho (logarithmic)',
          format: '~g',
          values: [...logarithmicTicks(values.map(({ radius }) => radius))],
        },
      },
      // The colors of the other plot, whichever methods are left here.
      color: { ...color(methodsOf(runs)), legend: { values: [...methodsOf(perturbing)] } },
      detail: { field: 'run' },
      strokeDash: {
        field: 'kind',
        type: 'nominal',
        scale: {
          domain: ['learned', 'given'],
          range: [
            [1, 0],
            [5, 4],
          ],
        },
        legend: null,
      },
    },
  };
}

/** 1, 2 and 5 times the powers of ten that span some values: the axis's own choice is crowded or nearly empty. */
export function logarithmicTicks(values: readonly number[]): readonly number[] {
  const { least, greatest } = extremesOf(values);
  const first = Math.floor(Math.log10(least));
  const decades = Array.from({ length: Math.ceil(Math.log10(greatest)) - first + 1 }, (_, i) => first + i);
  // Powers of negative exponents by their decimal text: 10 ** -3 times 5 is not 0.005.
  const ticks = decades.flatMap((exponent) => [1, 2, 5].map((factor) => Number(`${factor}e${exponent}`)));
  return ticks.filter((tick) => tick >= least * 0.999 && tick <= greatest * 1.001);
}
