/** Figures of a number that nothing says the error of. */
const figures = 4;
/** More figures than these nobody reads. */
const most = 6;

/** A number for people: `0.3083`, `12,400`, `3.1e-7`. */
export function numberText(value: number, digits = figures): string {
  if (!Number.isFinite(value)) return 'not finite';
  const rounded = Number(value.toPrecision(digits));
  if (rounded !== 0 && (Math.abs(rounded) < 1e-4 || Math.abs(rounded) >= 1e7)) return exponential(value, digits);
  const places = rounded === 0 ? 0 : Math.max(0, digits - 1 - Math.floor(Math.log10(Math.abs(rounded))));
  return grouped(rounded, Math.min(places, 20), false);
}

/** A number and its error, down to the first figure of that: `12.30 ± 0.02`, `154 ± 6`. */
export function withError(value: number, error: number | undefined): string {
  if (!Number.isFinite(value) || error === undefined || !Number.isFinite(error) || error <= 0) return numberText(value);
  const size = Math.floor(Math.log10(Math.max(Math.abs(value), error)));
  // An error far below the last figure that is shown is told by its size.
  const last = Math.floor(Math.log10(Number(error.toPrecision(1))));
  const digits = Math.min(most, Math.max(1, size - last + 1));
  if (size < -4 || size >= 7) return `${exponential(value, digits)} ± ${exponential(error, 1)}`;
  const places = Math.max(0, digits - 1 - size);
  const isShown = places >= -last;
  return `${grouped(value, places, true)} ± ${isShown ? grouped(Number(error.toPrecision(1)), places, true) : numberText(error, 1)}`;
}

/** A share: `87 %`, `99.2 %`. */
export function shareText(share: number): string {
  return `${numberText(100 * share, share > 0.9 ? 3 : 2)} %`;
}

function exponential(value: number, digits: number): string {
  return value
    .toExponential(digits - 1)
    .replace(/\.?0+e/, 'e')
    .replace('e+', 'e');
}

function grouped(value: number, places: number, keepsZeros: boolean): string {
  const options = { minimumFractionDigits: keepsZeros ? places : 0, maximumFractionDigits: places };
  return (Object.is(value, -0) ? 0 : value).toLocaleString('en-US', options).replace(/^-(0(?:\.0*)?)$/, '$1');
}
