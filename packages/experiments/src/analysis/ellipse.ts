import type { Vector } from '@flatmin/analysis';
import type { Gram } from './results.js';

/**
 * The products of two directions, each element divided by the radius that the ball has for that weight: the length of
 * x d1 + y d2 in the measure of the ball is then sqrt((x, y) gram (x, y)^T).
 */
export function gramOf([first, second]: readonly [Vector, Vector], scale: Vector): Gram {
  let [xx, xy, yy] = [0, 0, 0];
  for (let i = 0; i < first.length; i++) {
    const by = scale[i] as number;
    const [a, b] = [(first[i] as number) / by, (second[i] as number) / by];
    xx += a * a;
    xy += a * b;
    yy += b * b;
  }
  return [xx, xy, yy];
}

/**
 * The edge of a ball as it stands in a plane, as a closed polygon: the ellipse p^T gram p = rho^2. With gram = L L^T it
 * is rho L^-T of the unit circle.
 */
export function ellipseOf(
  [xx, xy, yy]: Gram,
  rho: number,
  [centerX, centerY]: readonly [number, number] = [0, 0],
  corners = 96,
): readonly { readonly x: number; readonly y: number }[] {
  const [a, b] = [Math.sqrt(xx), xy / Math.sqrt(xx)];
  const c = Math.sqrt(yy - b * b);
  return Array.from({ length: corners + 1 }, (_, i) => {
    const angle = (2 * Math.PI * (i % corners)) / corners;
    const y = (rho * Math.sin(angle)) / c;
    return { x: centerX + (rho * Math.cos(angle) - b * y) / a, y: centerY + y };
  });
}
