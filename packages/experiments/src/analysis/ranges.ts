/** From where to where a plane is measured. */
export interface Ranges {
  readonly x: readonly [from: number, to: number];
  readonly y: readonly [from: number, to: number];
}

type Points = readonly { readonly x: number; readonly y: number }[];

/** What is left beside the outermost points, by their span. */
const margin = 0.25;

/** A square around points, so that a circle looks like one. */
export function squareAround(points: Points): Ranges {
  const [x, y] = [spanOf(points.map((point) => point.x)), spanOf(points.map((point) => point.y))];
  const half = Math.max(x.half, y.half) * (1 + 2 * margin);
  return { x: [x.middle - half, x.middle + half], y: [y.middle - half, y.middle + half] };
}

/** A box around points, each side as long as it takes: the first principal direction is mostly far longer. */
export function boxAround(points: Points): Ranges {
  const side = (values: readonly number[]): readonly [number, number] => {
    const { middle, half } = spanOf(values);
    return [middle - half * (1 + 2 * margin), middle + half * (1 + 2 * margin)];
  };
  return { x: side(points.map(({ x }) => x)), y: side(points.map(({ y }) => y)) };
}

function spanOf(values: readonly number[]): { readonly middle: number; readonly half: number } {
  const [least, greatest] = [Math.min(...values), Math.max(...values)];
  return { middle: (least + greatest) / 2, half: (greatest - least) / 2 };
}
