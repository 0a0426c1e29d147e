import type { Drawing } from './chart.js';
import type { Figure } from './html.js';
import { widths } from './look.js';
import { themed } from './themed.js';

/** Drawings as a page has them: for a wide one and for a phone, in the colors of its theme. */
export async function drawnFigures(drawings: readonly Drawing[]): Promise<readonly Figure[]> {
  // Vega takes a third of a second to load: here, and not while a training command waits for its first step.
  const { renderSvg } = await import('./renderSvg.js');
  const figures: Figure[] = [];
  for (const { id, task, heading, caption, draw } of drawings) {
    const title = [heading, task].filter((part) => part !== '').join(', ');
    const drawn = async (size: keyof typeof widths): Promise<string> =>
      themed(await renderSvg(draw(widths[size]), title), `${id}-${size}`);
    figures.push({ heading, caption, wide: await drawn('wide'), narrow: await drawn('narrow') });
  }
  return figures;
}
