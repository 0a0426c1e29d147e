import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { cifar100Files, cifar10Files } from '../../../datasets/cifar/src/cifar.fixture.js';
import { glueFiles } from '../../../datasets/glue/src/glue.fixture.js';
import { glueTaskNames, glueTasks } from '../../../datasets/glue/src/tasks.js';
import { jpegFiles, png } from '../../../datasets/image-folder/src/image-folder.fixture.js';

type Files = Readonly<Record<string, Uint8Array | string>>;

/**
 * Two classes of ImageNet by their ids: nine images of each to train, one to judge. The first are JPEG, the others PNG,
 * as one image of ImageNet is, each unlike the others: normalization needs some variance.
 */
function imageNetFiles(): Files {
  const ids = ['n01440764', 'n01443537'];
  const train = ids.flatMap((id) => Array.from({ length: 9 }, (_, i) => `train/${id}/${id}_${i}.JPEG`));
  const val = ids.map((id, i) => `val/${id}/ILSVRC2012_val_0000000${i}.JPEG`);
  const photographs: readonly Uint8Array[] = [jpegFiles.base, jpegFiles.progressive, jpegFiles.gray];
  const image = (i: number): Uint8Array =>
    photographs[i] ?? png(12, 10, (x, y) => [(x * x * i) % 256, (53 * i + 20 * y) % 256, (x * y * (i + 3)) % 256]);
  return Object.fromEntries([...train, ...val].map((name, i) => [name, image(i)]));
}

/** As fairseq prepares IWSLT'14: tokenized, in lower case, subwords end in `@@`. */
function iwsltFiles(): Files {
  const german = ['das ist ein hau@@ s .', 'ja !', 'kein hau@@ s', 'nein , ja'];
  const english = ['this is a hou@@ se .', 'yes !', 'no hou@@ se', 'no , yes'];
  const text = (lines: readonly string[], count: number): string => `${lines.slice(0, count).join('\n')}\n`;
  const parts = Object.entries({ train: 4, valid: 2, test: 2 });
  return {
    ...Object.fromEntries(parts.map(([part, count]) => [`${part}.de`, text(german, count)])),
    ...Object.fromEntries(parts.map(([part, count]) => [`${part}.en`, text(english, count)])),
    code: '#version: 0.2\n',
  };
}

/** The folders of the benchmarks' data, by the names that its downloads give them, and what lies in them. */
const folders: Readonly<Record<string, () => Files>> = {
  'cifar-10-batches-bin': cifar10Files,
  'cifar-100-binary': cifar100Files,
  imagenet: imageNetFiles,
  'iwslt14.tokenized.de-en': iwsltFiles,
  ...Object.fromEntries(glueTaskNames.map((task) => [`glue_data/${glueTasks[task].folder}`, () => glueFiles(task)])),
};

/** Writes the data of the benchmarks in miniature, in the formats of its downloads, into `data/` of a folder. */
export async function writeBenchmarkData(root: string): Promise<void> {
  for (const [folder, files] of Object.entries(folders)) {
    for (const [name, content] of Object.entries(files())) {
      const file = path.join(root, 'data', folder, name);
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, content);
    }
  }
}
