import { type LossSurface, trajectoryOf, type Vector } from '@flatmin/analysis';
import { FlatminError } from '@flatmin/core';
import { assignVariables, disposeCheckpoint, evaluatedModel } from '@flatmin/training';
import * as tf from '@tensorflow/tfjs-core';
import { measuredPlane } from './measureLandscape.js';
import { type LandscapeContext, withSurfaces } from './landscapePoints.js';
import { boxAround } from './ranges.js';
import type { TrajectoryAnalysis } from './results.js';
import { type LoadedSubject, type Minimum, printOf } from './subject.js';

/** A checkpoint of a run: its weights, and the loss at them. */
interface Visited {
  readonly step: number;
  readonly weights: Vector;
  readonly loss: number;
}

/**
 * The path of a run over the checkpoints that it kept, and the loss in the plane in which it varied most. Statistics
 * are those of the weights that are analyzed, the whole plane over.
 */
export async function measureTrajectory(
  subject: LoadedSubject,
  minimum: Minimum,
  context: LandscapeContext,
): Promise<TrajectoryAnalysis> {
  const { settings, work } = context;
  work.begin('trajectory', subject.name);
  return withSurfaces(subject, settings, async (surfaces, first) => {
    const visited = await visitedBy(subject, first);
    const { plane: seen, places, explained } = trajectoryOf(visited.map(({ weights }) => weights));
    const checkpoints = visited.map(({ step, weights }) => ({ step, print: printOf(weights, []) }));
    const found = await measuredPlane('trajectory', surfaces, seen, boxAround(places), [minimum], context, {
      checkpoints,
    });
    const path = visited.map(({ step, loss }, i) => ({ step, ...(places[i] as (typeof places)[number]), loss }));
    return { ...found, directions: 'principal', places: [], balls: [], explained, path };
  });
}

/** Each checkpoint with its own statistics; the model is as it was after that. */
async function visitedBy({ run, seed, trained }: LoadedSubject, surface: LossSurface): Promise<readonly Visited[]> {
  const checkpoints = run.checkpoints(seed);
  const steps = await checkpoints.steps();
  requireThree(run.directory, steps.length);
  const own = trained.model.variables.map((variable) => ({
    name: variable.name,
    tensor: tf.clone<tf.Tensor>(variable),
  }));
  const visited: Visited[] = [];
  try {
    for (const step of steps) {
      const checkpoint = await checkpoints.at(step);
      try {
        assignVariables(trained.model, evaluatedModel(checkpoint));
      } finally {
        disposeCheckpoint(checkpoint);
      }
      await surface.reread();
      visited.push({ step, weights: surface.weights, loss: (await surface.value()).loss });
    }
  } finally {
    assignVariables(trained.model, own);
    tf.dispose(own.map(({ tensor }) => tensor));
  }
  await surface.reread();
  return visited;
}

/** @throws FlatminError ANALYSIS_INVALID for fewer than three checkpoints. */
export function requireThree(directory: string, count: number): void {
  if (count >= 3) return;
  throw new FlatminError(
    'ANALYSIS_INVALID',
    `${directory} kept ${count === 1 ? 'one checkpoint' : `${count} checkpoints`}, and the plane of a path needs three. ` +
      'Train with more, such as "keepCheckpoints": 50 in the config, and with "checkpointEvery" for more than one an epoch.',
  );
}
