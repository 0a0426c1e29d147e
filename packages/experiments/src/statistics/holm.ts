/**
 * p-values corrected for their number, in their order: with p(1) <= ... <= p(m), the i-th becomes the greatest of
 * (m - j + 1) p(j) over j <= i, at most 1. Each that is then below 0.05 may be called a difference: the probability of
 * any false one among them is below 0.05, however they depend on each other.
 *
 * Holm 1979, A simple sequentially rejective multiple test procedure, Scandinavian Journal of Statistics 6; R:
 * `p.adjust(p, "holm")`.
 */
export function holm(values: readonly number[]): readonly number[] {
  const order = [...values.keys()].sort((a, b) => (values[a] as number) - (values[b] as number) || a - b);
  const corrected: number[] = [];
  let greatest = 0;
  for (const [rank, index] of order.entries()) {
    greatest = Math.max(greatest, Math.min(1, (values.length - rank) * (values[index] as number)));
    corrected[index] = greatest;
  }
  return corrected;
}
