import { FlatminError } from '@flatmin/core';
import type * as resvg from '@resvg/resvg-js';

/** Two pixels for one of the drawing: sharp in print and on every screen. */
const zoom = 2;

/** A drawing as PNG, without a browser. Its text is in a font of this machine. */
export async function renderPng(svg: string): Promise<Uint8Array> {
  const { Resvg } = await loadResvg();
  return new Resvg(svg, { fitTo: { mode: 'zoom', value: zoom } }).render().asPng();
}

async function loadResvg(): Promise<typeof resvg> {
  try {
    return await import('@resvg/resvg-js');
  } catch (cause) {
    throw new FlatminError(
      'RUN_INVALID',
      'a PNG is drawn by @resvg/resvg-js, which cannot be loaded. Run npm install @resvg/resvg-js, or write SVG.',
      { cause },
    );
  }
}
