import type { TopLevelSpec } from 'vega-lite';
import type { Width } from './look.js';

/** A chart of the report. */
export interface Chart {
  /** Usable as a file name: `final`, `by-epoch`; with several tasks `task-2-final`. */
  readonly id: string;
  /** The task that it shows; empty if there is only one, or if it shows all. */
  readonly task: string;
  readonly heading: string;
  /** What it shows, in a sentence or two. */
  readonly caption: string;
  /** Vega-Lite, in the width of a page. */
  readonly spec: TopLevelSpec;
}

/** A chart before its width is known. */
export interface Drawing extends Omit<Chart, 'spec'> {
  readonly draw: (width: Width) => TopLevelSpec;
}
