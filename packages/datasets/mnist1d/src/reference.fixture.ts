import { readFileSync } from 'node:fs';
import path from 'node:path';

/** What the published arrays are: hashes, sums and 20 rows. */
interface Reference {
  readonly labels: { readonly sha256OfUint8: string; readonly first20: readonly number[] };
  readonly sum: number;
  readonly sumOfSquares: number;
  readonly rows: readonly { readonly index: number; readonly label: number; readonly values: readonly number[] }[];
}

export const reference = JSON.parse(
  readFileSync(path.join(__dirname, 'fixtures/mnist1d-reference.json'), 'utf8'),
) as Reference;
