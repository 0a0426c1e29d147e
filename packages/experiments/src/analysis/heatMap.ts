import type { PartName } from '@flatmin/training';
import type { TopLevelSpec } from 'vega-lite';
import { ink, look, type Width } from '../report/look.js';
import { ellipseOf } from './ellipse.js';
import { type Levels, levelsOf, stepOf } from './levels.js';
import { numberText } from './numberText.js';
import type { Grid, PlaneAnalysis } from './results.js';

/** Viridis in twelve steps, from low to high. */
const shades = [
  '#440154',
  '#482173',
  '#433e85',
  '#38588c',
  '#2d708e',
  '#25858e',
  '#1e9b8a',
  '#2ab07f',
  '#52c569',
  '#86d549',
  '#c2df23',
  '#fde725',
];
/** Where there is no finite number. */
const none = '#9e9e9e';
/** What is drawn over the colors, whatever the theme of the page. */
const light = '#ffffff';
const dark = '#101010';

/** What a map shows. */
export interface HeatMap {
  readonly plane: PlaneAnalysis;
  /** Values by part: each is a panel. */
  readonly values: Readonly<Partial<Record<PartName, Grid>>>;
  /** `loss`, `accuracy`. */
  readonly name: string;
  readonly titles: readonly [x: string, y: string];
  /** A path over the plane, in its order. */
  readonly path?: readonly { readonly x: number; readonly y: number; readonly label: string }[];
  /** Whether one unit is as long upwards as across, so that circles look like it. */
  readonly isSquare: boolean;
}

/** A panel a part, all by one scale of colors, whose steps look like contours; the scale itself is below. */
export function heatMap(map: HeatMap, width: Width): TopLevelSpec {
  const parts = Object.entries(map.values) as readonly [PartName, Grid][];
  const levels = levelsOf(
    parts.flatMap(([, grid]) => grid.flat()),
    { mayBeLogarithmic: map.name !== 'accuracy' },
  );
  const isWide = width > 400;
  const size = isWide && parts.length > 1 ? 345 : Math.min(width, 400);
  const panels = parts.map(([part, grid]) => panel(map, { title: `${part} ${map.name}`, grid }, levels, size));
  return {
    config: { ...look, title: { color: ink, fontSize: 13, anchor: 'start' } },
    spacing: 24,
    vconcat: [
      ...(isWide ? [{ hconcat: panels, spacing: 28 }] : panels),
      scaleOfColors(levels, isWide ? width - 60 : width),
    ],
  } as TopLevelSpec;
}

/** The steps of colors side by side, and the values between them. */
function scaleOfColors({ bounds }: Levels, width: number): object {
  const steps = [...bounds, NaN].map((_, i) => ({ from: i, to: i + 1, shade: shadeOf(i, bounds.length + 1) }));
  const digits = [2, 3, 4].find(
    (count) => new Set(bounds.map((bound) => numberText(bound, count))).size === bounds.length,
  );
  // Every second is labeled where there is no room for all.
  const every = width / steps.length < 45 ? 2 : 1;
  const labels = bounds
    .map((bound, i) => ({ from: i + 1, label: numberText(bound, digits) }))
    .filter((_, i) => i % every === 0);
  const x = (field: string) =>
    ({ field, type: 'quantitative', scale: { domain: [0, steps.length], nice: false }, axis: null }) as const;
  return {
    width,
    height: 10,
    layer: [
      {
        data: { values: steps },
        mark: { type: 'rect', aria: false },
        encoding: { x: x('from'), x2: { field: 'to' }, fill: { field: 'shade', type: 'nominal', scale: null } },
      },
      {
        data: { values: labels },
        mark: { type: 'text', dy: 14, color: ink },
        encoding: { x: x('from'), text: { field: 'label' } },
      },
    ],
  };
}

/** The color of a step of so many. */
function shadeOf(step: number, count: number): string {
  return shades[count < 2 ? 0 : Math.round((step * (shades.length - 1)) / (count - 1))] as string;
}

function panel(map: HeatMap, { title, grid }: { title: string; grid: Grid }, levels: Levels, size: number): object {
  const { plane, titles, isSquare } = map;
  const [x, y] = [edgesOf(plane.x), edgesOf(plane.y)];
  const cells = grid.flatMap((row, j) =>
    row.map((value, i) => ({
      ...{ left: x[i], right: x[i + 1], low: y[j], high: y[j + 1] },
      shade: Number.isFinite(value) ? shadeOf(stepOf(value, levels), levels.bounds.length + 1) : none,
    })),
  );
  const axis = (field: string, title: string, edges: readonly number[]) =>
    ({
      field,
      type: 'quantitative',
      scale: { domain: [edges[0], edges.at(-1)], nice: false, zero: false },
      axis: { title, grid: false, tickCount: 5 },
    }) as const;
  const across = (field: string) => axis(field, titles[0], x);
  const up = (field: string) => axis(field, titles[1], y);
  return {
    title,
    width: size,
    height: isSquare ? size : Math.round(0.8 * size),
    layer: [
      {
        data: { values: cells },
        mark: { type: 'rect', strokeWidth: 0.9, aria: false },
        encoding: {
          x: across('left'),
          x2: { field: 'right' },
          y: up('low'),
          y2: { field: 'high' },
          fill: { field: 'shade', type: 'nominal', scale: null },
          stroke: { field: 'shade', type: 'nominal', scale: null },
        },
      },
      ...pathLayers(map.path, across('x'), up('y')),
      ...placeLayers(plane, across('x'), up('y'), x),
      ...ballLayers(plane, across('x'), up('y')),
    ],
  };
}

/** The middles of cells as their edges. */
export function edgesOf(middles: readonly number[]): readonly number[] {
  const [first = 0, second = first + 1] = middles;
  const half = (second - first) / 2;
  return [first - half, ...middles.map((middle) => middle + half)];
}

type Encodings = [x: object, y: object];

/** A line that is seen over every color: light, with a dark edge. */
function edged(mark: object, encoding: object, data: object): object[] {
  return [
    { data, mark: { ...mark, aria: false, stroke: dark, strokeWidth: 3.5, opacity: 0.7 }, encoding },
    { data, mark: { ...mark, aria: false, stroke: light, strokeWidth: 1.6 }, encoding },
  ];
}

function ballLayers({ balls }: PlaneAnalysis, ...[x, y]: Encodings): object[] {
  const values = balls.flatMap(({ run, gram, rho, center }) =>
    ellipseOf(gram, rho, center).map((point, order) => ({ ...point, run, order })),
  );
  if (values.length === 0) return [];
  const encoding = { x, y, order: { field: 'order' }, detail: { field: 'run', type: 'nominal' } };
  return edged({ type: 'line', clip: true }, encoding, { values });
}

function pathLayers(path: HeatMap['path'], ...[x, y]: Encodings): object[] {
  if (path === undefined) return [];
  const values = path.map((point, order) => ({ ...point, order }));
  const ends = values.filter((_, i) => i === 0 || i === values.length - 1);
  return [
    ...edged({ type: 'line', clip: true }, { x, y, order: { field: 'order' } }, { values }),
    {
      data: { values },
      mark: { type: 'circle', size: 26, fill: light, stroke: dark, strokeWidth: 0.8, opacity: 1 },
      encoding: { x, y },
    },
    ...labels(ends, x, y),
  ];
}

function placeLayers({ places }: PlaneAnalysis, x: object, y: object, edges: readonly number[]): object[] {
  if (places.length === 0) return [];
  const middle = ((edges[0] as number) + (edges.at(-1) as number)) / 2;
  const values = places.map(({ run, ...place }) => ({ ...place, label: places.length > 1 ? run : '' }));
  const [left, right] = [values.filter((place) => place.x <= middle), values.filter((place) => place.x > middle)];
  return [
    {
      data: { values },
      mark: {
        type: 'point',
        shape: 'cross',
        filled: true,
        size: 90,
        fill: light,
        stroke: dark,
        strokeWidth: 0.8,
        opacity: 1,
      },
      encoding: { x, y },
    },
    ...labels(left, x, y),
    ...labels(right, x, y, 'right'),
  ];
}

/** To the right of points and above them, or to the left and below: the first two runs are on one level. */
function labels(values: readonly object[], x: object, y: object, align: 'left' | 'right' = 'left'): object[] {
  const away = align === 'left' ? { dx: 8, dy: -9 } : { dx: -8, dy: 12 };
  const mark = { type: 'text', aria: false, align, ...away, fontSize: 12, fontWeight: 600, limit: 230 };
  const encoding = { x, y, text: { field: 'label', type: 'nominal' } };
  return [
    { data: { values }, mark: { ...mark, fill: dark, stroke: dark, strokeWidth: 3, opacity: 0.75 }, encoding },
    { data: { values }, mark: { ...mark, fill: light }, encoding },
  ];
}
