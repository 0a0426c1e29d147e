// The arithmetic of the benchmark: nothing here touches a clock or a tensor.

/**
 * The q-quantile of some numbers, between neighbors by linear interpolation (R's type 7, NumPy's default).
 *
 * @param {readonly number[]} values at least one.
 * @param {number} q from 0 to 1.
 */
export function quantile(values, q) {
  const sorted = [...values].sort((a, b) => a - b);
  const position = q * (sorted.length - 1);
  const below = Math.floor(position);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
}

/** Median, 10 % and 90 % quantiles and number of some samples. */
export function summary(values) {
  return {
    median: quantile(values, 0.5),
    low: quantile(values, 0.1),
    high: quantile(values, 0.9),
    samples: values.length,
  };
}

/** The mean, or undefined of nothing. */
export function mean(values) {
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/**
 * A step beside its floor: what is left of it without the base's own update, in units of its gradient evaluations.
 *
 *     ratio = (step - update) / (evaluations * gradient),   floor = evaluations * gradient
 *
 * @param {{step: number, update: number, gradient: number, evaluations: number}} times in ms, all of one mode.
 */
export function besideFloor({ step, update, gradient, evaluations }) {
  const floor = evaluations * gradient;
  return { floor, ratio: (step - update) / floor };
}

/**
 * What the base's update costs in captured mode, where it cannot be called alone: the plain step less its gradient. Two
 * medians may cross by noise; an update takes no negative time.
 */
export function updateOf({ plain, gradient }) {
  return Math.max(0, plain - gradient);
}

/**
 * How many rounds fit in a budget of seconds.
 *
 * @param {{seconds: number, round: number, min: number, max: number}} budget `round` is what one takes, in seconds.
 */
export function roundsFor({ seconds, round, min, max }) {
  return Math.min(max, Math.max(min, Math.floor(seconds / round)));
}

/** Some values in slices of at most `size`. */
export function chunks(values, size) {
  return Array.from({ length: Math.ceil(values.length / size) }, (_, i) => values.slice(i * size, (i + 1) * size));
}
