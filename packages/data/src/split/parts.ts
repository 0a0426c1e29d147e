/** The parts of a data set. */
export type PartName = 'train' | 'validation' | 'test';
/** Something of each part. */
export type Parts<S> = Readonly<Record<PartName, S>>;

const stems: Parts<RegExp> = {
  train: /^train(ing)?$/,
  validation: /^(val|valid|validation|validate|dev|development|eval|evaluation)$/,
  test: /^test(ing)?$/,
};
/** What may follow, as in `train_set` or `TestImages`. */
const endings = /[-_ .]?(set|data|dataset|images|split|part)$/;

/**
 * The part that the name of a folder or file (without its extension) stands for, in upper or lower case: `Train`,
 * `training`, `test_set`, `dev`; undefined if it stands for none.
 */
export function partOfName(name: string): PartName | undefined {
  const stem = name.toLowerCase().replace(endings, '');
  return (Object.keys(stems) as PartName[]).find((part) => stems[part].test(stem));
}
