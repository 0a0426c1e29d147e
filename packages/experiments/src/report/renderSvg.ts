import { parse, View } from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';
import { escape } from './escape.js';

/** A chart as SVG text, drawn without a browser. It scales with its container. */
export async function renderSvg(spec: TopLevelSpec, title: string): Promise<string> {
  const view = new View(parse(compile(spec).spec), { renderer: 'none' });
  try {
    const svg = await view.toSVG();
    return svg.replace('<svg ', `<svg role="img" aria-label="${escape(title)}" `);
  } finally {
    view.finalize();
  }
}
