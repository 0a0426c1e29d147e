/** `np.linspace(start, stop, count)`: evenly spaced, both ends included. */
export function linspace(start: number, stop: number, count: number): Float64Array {
  const step = (stop - start) / (count - 1);
  const values = Float64Array.from({ length: count }, (_, i) => i * step + start);
  values[count - 1] = stop;
  return values;
}

/** `values`, taken as evenly spaced over [0, 1], interpolated linearly at `count` evenly spaced points. */
export function interpolate(values: Float64Array, count: number): Float64Array {
  const knots = linspace(0, 1, values.length);
  let right = 1;
  return linspace(0, 1, count).map((at) => {
    while (right < knots.length - 1 && (knots[right] as number) < at) right++;
    const from = values[right - 1] as number;
    const left = knots[right - 1] as number;
    const slope = ((values[right] as number) - from) / ((knots[right] as number) - left);
    return slope * (at - left) + from;
  });
}

/** `values` moved `places` to the right; what leaves at the end comes back at the start. */
export function rotate(values: Float64Array, places: number): Float64Array {
  const cut = values.length - places;
  const rotated = new Float64Array(values.length);
  rotated.set(values.subarray(cut));
  rotated.set(values.subarray(0, cut), places);
  return rotated;
}

/** A function that smooths by a Gaussian of this width, cut off at four widths, values mirrored beyond the edges. */
export function gaussianFilter(sigma: number): (values: Float64Array) => Float64Array {
  const radius = Math.floor(4 * sigma + 0.5);
  const bell = Float64Array.from({ length: 2 * radius + 1 }, (_, i) =>
    Math.exp(-((i - radius) ** 2) / (2 * sigma ** 2)),
  );
  const total = bell.reduce((sum, weight) => sum + weight, 0);
  const weights = bell.map((weight) => weight / total);
  return (values) => {
    const last = values.length - 1;
    const mirrored = (i: number): number => values[i < 0 ? -1 - i : i > last ? 2 * last + 1 - i : i] as number;
    return values.map((_, i) => weights.reduce((sum, weight, k) => sum + weight * mirrored(i + k - radius), 0));
  };
}

export function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The population standard deviation (divides by n). */
export function standardDeviation(values: Float64Array): number {
  const center = mean(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - center) ** 2, 0) / values.length);
}
