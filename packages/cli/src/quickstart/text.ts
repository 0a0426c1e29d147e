import os from 'node:os';
import type { RunRecord, ReportText } from '@flatmin/experiments/internal';
import type { ChosenBackend } from './chooseBackend.js';
import { batchSize, fixedRadii, methods, startRadius } from './methods.js';

/**
 * What the report of the quickstart says besides numbers. It makes no claim on results: those are whatever was
 * measured.
 */
export function reportText(runs: readonly RunRecord[], backend: ChosenBackend): ReportText {
  const seeds = new Set(runs.map(({ seed }) => seed)).size;
  const epochs = runs[0]?.history.length ?? 0;
  return {
    title: 'flatmin quickstart: SGD, SAM and LETS on MNIST-1D',
    introduction: [
      `An MLP 40-100-100-10 on MNIST-1D, ${seeds === 1 ? '1 seed' : `${seeds} seeds`}, ${epochs === 1 ? '1 epoch' : `${epochs} epochs`}, batch ${batchSize}, learning rate 0.1 with a cosine ` +
        'to 0. A tenth of the training data is held out; every method trains on the other nine tenths. Accuracy is that on ' +
        'the 1,000 test examples after the last epoch; no epoch and no setting was picked by it.',
    ],
    notes: [
      ...methods.map(({ name, what }) => ({ heading: name, text: `${what}.` })),
      {
        heading: 'The fixed radii',
        text:
          `${fixedRadii.join(', ')}: a small, a middle and a large one, set before any of these runs. In runs of another ` +
          'program on this data, with weight decay, they were far too small, good, and over the cliff. Who does not know ' +
          'such a figure has to search for it, at the cost of a run for each try.',
      },
      {
        heading: 'LETS',
        text:
          `Both forms start at ${startRadius}, the smallest of these radii. What they reach is whatever the run gave; no ` +
          'number on this page comes from the paper. The learned rho follows the loss on held-out data, not accuracy, ' +
          'and is not “the optimal rho”.',
      },
      {
        heading: 'Cost',
        text:
          'A gradient evaluation is one forward and one backward pass over a batch, the held-out ones of LETS included. ' +
          'Seconds are those of one run while the other processes ran too.',
      },
    ],
    facts: {
      backend: `${backend.backend} ${backend.version}; ${backend.why}`,
      node: process.versions.node,
      machine: `${os.availableParallelism()} cores, ${process.platform} ${process.arch}`,
      'weight decay': 'none',
      'standard error': 'of the mean over the seeds, with n - 1 in the variance',
      written: new Date().toISOString(),
    },
  };
}
