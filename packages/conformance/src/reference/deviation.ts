/** How far one metric of a run is from its reference at one step, and how far it may be. */
export interface Deviation {
  readonly step: number;
  readonly metric: string;
  /** Relative or absolute, as the metric's tolerance is; NaN where the run has no such number. */
  readonly by: number;
  readonly tolerance: number;
  /** Set where the metrics are not numbers to subtract: what was found, and what was expected. */
  readonly text?: string;
}

/** True where a deviation is beyond its tolerance; a NaN always is. */
export function isBeyond({ by, tolerance }: Deviation): boolean {
  return !(by <= tolerance);
}

/** A number as it reads in a message: 3.1e-3. */
export function brief(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toExponential(1).replace('.0', '');
}

/** One message per metric that is beyond its tolerance: where it is worst, and where it first was. */
export function messagesOf(name: string, deviations: readonly Deviation[]): readonly string[] {
  const beyond = deviations.filter(isBeyond);
  return [...new Set(beyond.map(({ metric }) => metric))].map((each) => {
    const group = beyond.filter(({ metric }) => metric === each);
    const first = group[0] as Deviation;
    // A NaN is worse than any number, and compares with none.
    const worst = group.find(({ by }) => Number.isNaN(by)) ?? group.reduce((a, b) => (b.by > a.by ? b : a));
    const { metric, step, by, tolerance, text } = worst;
    const since = first.step === step ? '' : ` (since step ${first.step})`;
    if (text !== undefined) return `${name}: ${metric} is ${text} at step ${step}${since}`;
    return `${name}: ${metric} off by ${brief(by)} at step ${step}${since}, tolerance ${brief(tolerance)}`;
  });
}
