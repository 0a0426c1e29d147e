import type { Chart } from './chart.js';

/** `spec`: Vega-Lite as JSON, as the editors of Vega read it. */
export type ChartFormat = 'svg' | 'png' | 'spec';

/**
 * A chart as a separate file.
 *
 * @throws FlatminError RUN_INVALID for a PNG if the optional @resvg/resvg-js is not installed.
 */
export async function drawChart({ spec, heading, task }: Chart, format: ChartFormat): Promise<Uint8Array> {
  const text = (of: string): Uint8Array => new TextEncoder().encode(`${of}\n`);
  if (format === 'spec') {
    return text(JSON.stringify({ $schema: 'https://vega.github.io/schema/vega-lite/v6.json', ...spec }, null, 2));
  }
  const { renderSvg } = await import('./renderSvg.js');
  const svg = await renderSvg(spec, [heading, task].filter((part) => part !== '').join(', '));
  if (format === 'svg') return text(svg);
  const { renderPng } = await import('./renderPng.js');
  return renderPng(svg);
}
