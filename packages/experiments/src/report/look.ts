import type { Config } from 'vega-lite';

// How charts look: colors and dashes that stay apart for every common color vision, in print, and beyond eight rows.

/**
 * Okabe and Ito's palette, which people with any common color vision deficiency can tell apart; gray is the reference.
 */
export const palette = ['#6e6e6e', '#56b4e9', '#0072b2', '#cc79a7', '#e69f00', '#009e73', '#d55e00', '#000000'];

const dashes = [
  [1, 0],
  [6, 3],
  [2, 2],
  [10, 3, 2, 3],
] as const;
const dashesOfGiven = [
  [5, 4],
  [1, 3],
  [8, 2, 1, 2],
  [3, 6],
] as const;
const shapes = ['circle', 'square', 'triangle-up', 'diamond', 'cross', 'triangle-down', 'triangle-right'] as const;

export const ink = '#37474f';
const strong = '#1c2733';
const line = '#90a4ae';
const grid = '#eceff1';

/** What the page shows for a color of a chart, by light and by dark. */
export const themes: Readonly<Record<string, readonly [name: string, dark: string]>> = {
  '#6e6e6e': ['c0', '#a9b0b7'],
  '#56b4e9': ['c1', '#7cc8f2'],
  '#0072b2': ['c2', '#5b86ff'],
  '#cc79a7': ['c3', '#e49ac4'],
  '#e69f00': ['c4', '#f0b429'],
  '#009e73': ['c5', '#2cc295'],
  '#d55e00': ['c6', '#ff8a4c'],
  '#000000': ['c7', '#f4f4f4'],
  [ink]: ['ink', '#c3ccd5'],
  [strong]: ['strong', '#e6ebf0'],
  [line]: ['line', '#66727f'],
  [grid]: ['grid', '#2a323b'],
  white: ['card', '#171c22'],
};

/**
 * Color, dash and shape of the i-th of a chart's series: with more than eight a color comes again with another dash.
 */
export function styleOf(i: number) {
  const round = Math.floor(i / palette.length);
  return {
    color: palette[i % palette.length] as string,
    dash: [...(dashes[round % dashes.length] as readonly number[])],
    /** Of a series whose rho is given and not learned. */
    dashOfGiven: [...(dashesOfGiven[round % dashesOfGiven.length] as readonly number[])],
    shape: shapes[(i + round) % shapes.length] as string,
  };
}

export const look = {
  font: 'system-ui, sans-serif',
  background: 'white',
  view: { stroke: null },
  axis: {
    labelFontSize: 12,
    titleFontSize: 13,
    titleFontWeight: 600,
    labelColor: ink,
    titleColor: strong,
    gridColor: grid,
    domainColor: line,
    tickColor: line,
  },
  legend: {
    labelFontSize: 12,
    labelColor: ink,
    title: null,
    symbolStrokeWidth: 3,
    symbolSize: 260,
    symbolType: 'stroke',
    symbolOpacity: 1,
    orient: 'bottom',
    rowPadding: 5,
  },
  text: { fontSize: 12, fill: ink },
} as const satisfies Config;

/** Widths that charts are drawn in: for a page, and for a phone. */
export const widths = { wide: 820, narrow: 285 } as const;
export type Width = (typeof widths)[keyof typeof widths];

/** What has a color of its own in a chart. */
export interface Series {
  readonly name: string;
  /** Of its style: see {@link styleOf}. The same method has the same one in all charts of a task. */
  readonly index: number;
  /** A line across, dashed. */
  readonly isFlat?: boolean;
}

/** What Vega takes a character for where no browser measures it: a third more than it is. */
const characterWidth = 9.6;

/** The width to which names may grow, as Vega measures it. */
export function nameLimit(width: Width): number {
  return Math.floor(Math.max(width, 300) * (width === widths.wide ? 1 : 0.97));
}

/** Columns of a legend in which the longest of some names fits. */
export function legendColumns(names: readonly string[], width: Width): number {
  const longest = Math.max(...names.map((name) => name.length), 1);
  return Math.max(1, Math.floor(width / (Math.min(longest * characterWidth, nameLimit(width)) + 40)));
}

/** Color by a field, and its legend. */
export function colorBy(field: string, series: readonly Series[], width: Width, shown = series) {
  const names = shown.map(({ name }) => name);
  const legend = { values: names, columns: legendColumns(names, width), labelLimit: nameLimit(width) };
  return {
    ...by(field, series, ({ index }) => styleOf(index).color),
    legend: names.length < 2 ? null : legend,
  } as const;
}

export function dashBy(field: string, series: readonly Series[]) {
  return by(field, series, ({ index, isFlat }) => (isFlat ? styleOf(index).dashOfGiven : styleOf(index).dash));
}

export function shapeBy(field: string, series: readonly Series[]) {
  return by(field, series, ({ index }) => styleOf(index).shape);
}

function by<T>(field: string, series: readonly Series[], of: (one: Series) => T) {
  return { field, type: 'nominal', scale: { domain: series.map(({ name }) => name), range: series.map(of) } } as const;
}

/** A linear scale that ends where it is told to. */
export function scaleOver(low: number, high: number): { domain: [number, number]; nice: false; zero: false } {
  return { domain: [low, high], nice: false, zero: false };
}
