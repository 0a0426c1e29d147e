/** The sums of all batches, in float64: of many batches float32 would lose the last ones. */
export function added(batches: readonly (readonly number[])[]): readonly number[] {
  const [first = [], ...others] = batches;
  return others.reduce((sums, batch) => sums.map((sum, i) => sum + (batch[i] as number)), [...first]);
}
