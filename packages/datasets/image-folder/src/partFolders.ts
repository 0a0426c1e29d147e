import { partOfName, type PartName } from '@flatmin/data';
import { invalidFile, missingFile } from '@flatmin/data/node';
import { isVisible, kindOf } from './names.js';

/**
 * The folder of each part, by name in any case; none where the folders are those of classes.
 *
 * @throws FlatminError DATA_FILE_INVALID for two folders of one part, DATA_FILE_MISSING for parts without train: as
 *   classes they would train, and mean nothing.
 */
export function partFolders(path: string, names: readonly string[]): Readonly<Partial<Record<PartName, string>>> {
  const found: Partial<Record<PartName, string>> = {};
  for (const name of names.filter((each) => isVisible(each) && kindOf(each) === 'folder')) {
    const part = partOfName(name);
    if (part === undefined) continue;
    const other = found[part];
    if (other !== undefined) {
      invalidFile(path, 0, `both ${other} and ${name} are folders for ${part}`, 'Keep one, or rename the other.');
    }
    found[part] = name;
  }
  const [other] = Object.values(found);
  if (other !== undefined && found.train === undefined) {
    missingFile(
      path,
      `has a folder ${other} and none for training`,
      `Put the folders of the training classes in one named train; if ${other} is a class, rename it.`,
    );
  }
  return found;
}
