import { describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import type { GridResults } from '../statistics/results.js';
import { at, gridResults, record } from '../statistics/results.fixture.js';
import { type Chart } from './chart.js';
import { chartsOf } from './charts.js';
import { logarithmicTicks } from './logarithmicTicks.js';
import { palette, styleOf } from './look.js';
import { axis, studies } from './studies.fixture.js';

interface Layer {
  readonly mark: { readonly type: string };
  readonly data?: { readonly values: readonly Record<string, unknown>[] };
}
interface Drawn extends Layer {
  readonly layer: readonly Layer[];
}

const chart = (results: GridResults, id: string): Chart | undefined => chartsOf(results).find((one) => one.id === id);
const drawn = (results: GridResults, id: string): Drawn => chart(results, id)?.spec as unknown as Drawn;
const idsOf = (results: GridResults): string[] => chartsOf(results).map(({ id }) => id);
const texts = ({ layer }: Drawn): unknown[] =>
  layer.filter(({ mark }) => mark.type === 'text').flatMap(({ data }) => data?.values.map(({ text }) => text) ?? []);

describe('chartsOf', () => {
  it('has what there is to draw, in order', () => {
    expect(idsOf(studies.sweep({ seeds: 2, epochs: 2 }))).toEqual([
      'final',
      'by-epoch',
      'by-gradients',
      'by-rho',
      'train-loss',
      'validation-loss',
      'radius',
      'cost', // prettier-ignore
    ]);
    expect(idsOf(studies.twoOptions())).toEqual([
      'final',
      'by-epoch',
      'by-rho',
      'by-momentum',
      'heat-2',
      'train-loss',
      'validation-loss',
      'radius',
      'cost', // prettier-ignore
    ]);
    expect(idsOf(studies.tasks({ seeds: 1, epochs: 1 })).slice(0, 3)).toEqual([
      'tasks-1',
      'task-1-final',
      'task-1-by-epoch',
    ]);
    expect(chartsOf(gridResults([{ rows: [{ method: 'SGD', outcomes: [{ status: 'missing' }] }] }]))).toEqual([]);
  });

  it('has a heat map of an option that is swept over tasks', () => {
    const rates = [0, 0.5];
    const given = rates.map((rate) => ({
      name: `rate ${rate}`,
      at: [at('dataset.rate', rate)],
      rows: [0.1, 0.2].map((rho) => ({ method: 'SAM', at: [at('optimizer.rho', rho)], outcomes: [rho + rate] })),
    }));
    const axes = [axis('dataset.rate', rates, 'tasks'), axis('optimizer.rho', [0.1, 0.2])];
    const [lines, heat] = chartsOf(gridResults(given, { axes }));
    expect([lines?.id, heat?.id, heat?.heading]).toEqual([
      'tasks-1',
      'tasks-heat-1',
      'SAM: test accuracy by rho and rate',
    ]);
    const values = (heat?.spec as unknown as Drawn).data?.values.map(({ across, down, text }) => [across, down, text]);
    expect(values).toEqual([['0.1', '0', '0.100'], ['0.2', '0', '0.200'], ['0.1', '0.5', '0.600'], ['0.2', '0.5', '0.700']]); // prettier-ignore
  });

  it('is Vega-Lite that is drawn without a warning', () => {
    // As published: the sandbox of these tests does not load the modules of Vega.
    const draw = `
      import { readFileSync } from 'node:fs';
      import { renderSvg } from './dist/report/renderSvg.js';
      for (const { id, spec } of JSON.parse(readFileSync(0, 'utf8'))) {
        const svg = await renderSvg(spec, 'a "title"');
        const told = [svg.startsWith('<svg role="img" aria-label="a &quot;title&quot;"'), /NaN|undefined/.test(svg)];
        console.log([id, ...told].join(' '));
      }`;
    const charts = Object.values(studies).flatMap((make) => chartsOf(make({ seeds: 2, epochs: 2 })));
    const options = { input: JSON.stringify(charts), cwd: path.join(__dirname, '../..'), encoding: 'utf8', stdio: 'pipe' } as const; // prettier-ignore
    // Warnings would stand among these lines: Vega writes them to the console.
    const out = execFileSync(
      process.execPath,
      ['--input-type=module', '-e', `console.warn = console.log; ${draw}`],
      options,
    );
    expect(out.trim().split('\n')).toEqual(charts.map(({ id }) => `${id} true false`));
  });
});

describe('by-epoch', () => {
  const runs = gridResults([
    {
      rows: [
        {
          method: 'SGD',
          outcomes: [
            [0.4, 0.5],
            [0.6, 0.7],
          ],
        },
      ],
    },
  ]);

  it('has the mean and one standard error to each side', () => {
    const [first] = drawn(runs, 'by-epoch').data?.values ?? [];
    expect(first).toMatchObject({ row: 'SGD', epoch: 1, gradientEvaluations: 20, value: 0.5 });
    // Deviations -0.1 and 0.1: variance 0.02, error sqrt(0.02 / 2) = 0.1.
    expect(first?.['low']).toBeCloseTo(0.4, 12);
    expect(first?.['high']).toBeCloseTo(0.6, 12);
  });

  it('has points where there is one epoch, and none where there is a line', () => {
    const pointsOf = ({ layer }: Drawn) => layer.find(({ mark }) => mark.type === 'point')?.data?.values.length;
    expect(pointsOf(drawn(runs, 'by-epoch'))).toBe(0);
    expect(pointsOf(drawn(gridResults([{ rows: [{ method: 'SGD', outcomes: [0.4, 0.6] }] }]), 'by-epoch'))).toBe(1);
  });
});

describe('a row that failed', () => {
  it('does not spoil the axis, and stands at its edge with its value', () => {
    const results = studies.tenMethods({ seeds: 3, epochs: 3 });
    expect(texts(drawn(results, 'final'))).toEqual([expect.stringMatching(/^← 0\.1\d\d|^← 0\.09\d/)]);
    expect(texts(drawn(results, 'by-epoch'))).toEqual([expect.stringMatching(/^↓ VaSSO: 0\.(?:09|1)/)]);
    expect(texts(drawn(results, 'validation-loss'))).toEqual([expect.stringMatching(/^↑ VaSSO: 2\./)]);
  });
});

describe('radius', () => {
  const run = (seed: number, radii: readonly number[]) => ({
    status: 'done' as const,
    record: record('LETS', seed, [{ accuracy: 0.5 }], { learnsRadius: true, radiiEvery: 4, radii: radii.map((radius, i) => ({ step: i + 1, radius })) }), // prettier-ignore
  });
  const results = gridResults([{ rows: [{ method: 'SGD', outcomes: [0.4, 0.6] }, { method: 'LETS', outcomes: [run(0, [0.1, 0.2]), run(1, [0.1, 0])] }] }]); // prettier-ignore

  it('has a line a run, without the zeros that a logarithm has no place for', () => {
    const { data } = drawn(results, 'radius');
    expect(data?.values.map(({ run, step, radius }) => [run, step, radius])).toEqual([
      ['LETS/0', 1, 0.1],
      ['LETS/0', 2, 0.2],
      ['LETS/1', 1, 0.1],
    ]);
  });

  it('says which steps it leaves out, and is none where nothing is perturbed', () => {
    expect(chart(results, 'radius')?.caption).toMatch(/Every 4th logged step is drawn, and the last one\.$/);
    expect(idsOf(gridResults([{ rows: [{ method: 'SGD', outcomes: [0.4] }] }]))).not.toContain('radius');
  });
});

describe('styleOf', () => {
  it('tells 24 series apart by color and dash, and by color and shape', () => {
    const styles = Array.from({ length: 3 * palette.length }, (_, i) => styleOf(i));
    expect(new Set(styles.map(({ color, dash }) => `${color} ${dash.join()}`)).size).toBe(styles.length);
    expect(new Set(styles.map(({ color, shape }) => `${color} ${shape}`)).size).toBe(styles.length);
  });
});

describe('logarithmicTicks', () => {
  it('are 1, 2 and 5 times powers of ten within the values', () => {
    expect(logarithmicTicks([0.0012, 0.02, 0.3])).toEqual([0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2]);
    expect(logarithmicTicks([0.5, 0.5])).toEqual([0.5]);
    expect(logarithmicTicks([0.02, 1])).toEqual([0.02, 0.05, 0.1, 0.2, 0.5, 1]);
  });
});
