/** The parts of a data set. */
export type NamedPart = 'train' | 'validation' | 'test';

const stems: Readonly<Record<NamedPart, RegExp>> = {
  train: /^train(ing)?$/,
  validation: /^(val|valid|validation|validate|dev|development|eval|evaluation)$/,
  test: /^test(ing)?$/,
};
/** What may follow, as in `train_set` or `TestImages`. */
const endings = /[-_ .]?(set|data|dataset|images|split|part)$/;

/**
 * The part that the name of a folder or file (without its ending) tells, in any case: `Train`, `training`, `test_set`, `dev`; undefined
 * where it tells none.
 */
export function partOfName(name: string): NamedPart | undefined {
  const stem = name.toLowerCase().replace(endings, '');
  return (Object.keys(stems) as NamedPart[]).find((part) => stems[part].test(stem));
}
