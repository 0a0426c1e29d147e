/** The number of values of one example: the product of `inputShape`. */
export function rowLength(inputShape: readonly number[]): number {
  return inputShape.reduce((product, size) => product * size, 1);
}
