import type { PlannedComparison, ReportText } from '@flatmin/experiments/internal';
import { counted } from '@flatmin/experiments/terminal';
import { factsOf } from '../compare/text.js';
import { batchSize, fixedRadii, startRadius } from './config.js';

/**
 * What the report of the quickstart says besides numbers. It makes no claim on results: those are whatever was
 * measured.
 */
export function quickstartText(planned: PlannedComparison, now: number): ReportText {
  const { seeds } = planned.grid;
  const { epochs = 0 } = planned.config;
  return {
    title: 'flatmin quickstart: SGD, SAM and LETS on MNIST-1D',
    introduction: [
      `An MLP 40-100-100-10 on MNIST-1D, ${counted(seeds.length, 'seed')}, ${counted(epochs, 'epoch')}, batch ${batchSize}, learning rate 0.1 with a cosine ` +
        'to 0. A tenth of the training data is held out; every method trains on the other nine tenths. Accuracy is that on ' +
        'the 1,000 test examples after the last epoch; no epoch and no setting was chosen by it.',
    ],
    notes: [
      { heading: 'SGD', text: 'SGD with momentum 0.9: no perturbation.' },
      {
        heading: 'SAM',
        text:
          `SAM at a fixed rho with the same base optimizer: ${fixedRadii.join(', ')}, a small, a medium and a large one, fixed before any of ` +
          'these runs. In runs of another program on this data, with weight decay, they were far too small, good, and far ' +
          'too large. Without such knowledge you have to search for rho, at the cost of one run for each value.',
      },
      {
        heading: 'LETS-SAM, paper',
        text: `LETS as its paper states it, with our own constants where we do not know the paper's; rho starts at ${startRadius}.`,
      },
      {
        heading: 'LETS-SAM, robust',
        text: `Our own changes to LETS (validation loss, projected secant, memory); rho starts at ${startRadius}.`,
      },
      {
        heading: 'Learned radii',
        text:
          'The results of LETS are those of these runs; no number on this page comes from the paper. The learned rho ' +
          'follows the loss on held-out data, not accuracy, and is not “the optimal rho”.',
      },
      {
        heading: 'Cost',
        text:
          'A gradient evaluation is one forward and one backward pass over a batch, including the held-out batches of LETS. ' +
          'Seconds are those of one run while other processes were running.',
      },
    ],
    facts: { ...factsOf(planned, now), 'weight decay': 'none' },
  };
}
