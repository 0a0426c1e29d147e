import { SharpnessAwareOptimizer, type Spec, useContainer } from '@flatmin/core';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { type Finding, Findings } from '../finding.js';
import { type LayersProblem, valuesOf, withLayersProblem } from '../layersProblem.js';
import type { LayersAdapter } from '../setup.js';
import type { Subject } from '../subject.js';
import { differing } from '../trajectory.js';

const steps = 3;

/** TF.js's own `compile`, for a caller who hands in no adapter. */
const plainLayers: LayersAdapter = { compile: (model, args) => model.compile(args) };

/** C9: `model.save` and `loadLayersModel` carry the optimizer: both models then train alike. */
export async function checkModelFiles(subject: Subject): Promise<readonly Finding[]> {
  const findings = new Findings('C9');
  useContainer(subject.container);
  await withLayersProblem(async (problem) => {
    for (const base of subject.bases) {
      await findings.attempt(`base ${base.use}`, () => saveAndLoad(subject, findings, problem, base));
    }
  });
  return findings.list;
}

async function saveAndLoad(subject: Subject, findings: Findings, problem: LayersProblem, base: Spec): Promise<void> {
  const layers = subject.setup.layers ?? plainLayers;
  const where = `base ${base.use}`;
  const model = problem.model();
  const optimizer = subject.create(base, { validationLoss: problem.validationLoss(model) });
  let loaded: tfl.LayersModel | undefined;
  try {
    layers.compile(model, { optimizer, loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
    await trainModel(model, problem);
    loaded = await tfl.loadLayersModel(tf.io.fromMemory(await artifactsOf(model)));
    const again = loaded.optimizer;
    if (!(again instanceof SharpnessAwareOptimizer)) {
      findings.add(where, `the loaded model has the optimizer ${again?.getClassName() ?? 'undefined'}`);
      return;
    }
    const config = (of: tf.Optimizer): string => JSON.stringify(of.getConfig());
    if (config(again) !== config(optimizer)) findings.add(where, 'the loaded optimizer has another config');
    again.attach({ validationLoss: problem.validationLoss(loaded) });
    layers.attach?.(loaded);
    await trainModel(model, problem);
    await trainModel(loaded, problem);
    const count = differing(await valuesOf(loaded.getWeights()), await valuesOf(model.getWeights()));
    if (count > 0) findings.add(where, `${count} weights have other bits ${steps} steps after loading, and none may`);
  } finally {
    loaded?.optimizer?.dispose();
    loaded?.dispose();
    optimizer.dispose();
    model.dispose();
  }
}

async function trainModel(model: tfl.LayersModel, { x, y }: LayersProblem): Promise<void> {
  for (let t = 0; t < steps; t++) await model.trainOnBatch(x, y);
}

/** What a save handler gets: the model as it would stand in a file. */
async function artifactsOf(model: tfl.LayersModel): Promise<tf.io.ModelArtifacts> {
  let saved: tf.io.ModelArtifacts | undefined;
  const handler = tf.io.withSaveHandler(async (artifacts) => {
    saved = artifacts;
    return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } };
  });
  await model.save(handler, { includeOptimizer: true });
  if (saved === undefined) throw new Error('TF.js saved nothing');
  return saved;
}
