import { describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { chartsOf } from './charts.js';
import { drawChart } from './drawChart.js';
import { studies } from './studies.fixture.js';

const [chart] = chartsOf(studies.tenMethods({ seeds: 2, epochs: 1 }));
if (chart === undefined) throw new Error('there is a chart');

describe('drawChart', () => {
  it('as a spec is Vega-Lite', async () => {
    const spec: unknown = JSON.parse(new TextDecoder().decode(await drawChart(chart, 'spec')));
    expect(spec).toEqual({
      $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
      ...(JSON.parse(JSON.stringify(chart.spec)) as object),
    });
  });

  it('as PNG is twice as large as its SVG', () => {
    // As published: the sandbox of these tests does not load the modules of Vega.
    const draw = `
      import { readFileSync } from 'node:fs';
      import { drawChart } from './dist/report/drawChart.js';
      const chart = JSON.parse(readFileSync(0, 'utf8'));
      const svg = new TextDecoder().decode(await drawChart(chart, 'svg'));
      const png = Buffer.from(await drawChart(chart, 'png'));
      console.log(JSON.stringify({ svg: Number(/ width="(\\d+)"/.exec(svg)[1]), signature: png.toString('latin1', 1, 4), width: png.readUInt32BE(16) }));`;
    const options = { input: JSON.stringify(chart), cwd: path.join(__dirname, '../..'), encoding: 'utf8' } as const;
    const out = execFileSync(process.execPath, ['--input-type=module', '-e', draw], options);
    const { svg, ...png } = JSON.parse(out) as { readonly svg: number };
    expect(svg).toBeGreaterThan(800);
    expect(png).toEqual({ signature: 'PNG', width: 2 * svg });
  });
});
