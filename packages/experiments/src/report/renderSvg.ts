import { parse, View } from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';

/** A plot as SVG text, drawn without a browser. It scales with its container. */
export async function renderSvg(plot: TopLevelSpec, title: string): Promise<string> {
  const view = new View(parse(compile(plot).spec), { renderer: 'none' });
  try {
    const svg = await view.toSVG();
    return svg.replace('<svg ', `<svg role="img" aria-label="${title}" `);
  } finally {
    view.finalize();
  }
}
