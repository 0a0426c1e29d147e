import type { LayersModel } from '@tensorflow/tfjs-layers';
import { withRechecks } from './fitCallbacks.js';
import type { FitGraph } from './fitGraph.js';
import { withAccess } from './fitLoss.js';
import { withCheckedLosses } from './outputLosses.js';
import { trainedModel } from './trainedModel.js';

/** The models whose steps run as graphs. */
const graphs = new WeakMap<LayersModel, FitGraph>();

/** Makes `fit`, `fitDataset` and `trainOnBatch` take their steps by `graph`, or no longer. */
export function stepBy(model: LayersModel, graph: FitGraph | undefined): void {
  graphs.get(model)?.dispose();
  graphs.delete(model);
  if (graph === undefined) return;
  graphs.set(model, graph);
  if (Object.hasOwn(model, 'dispose')) return;
  seeCallbacks(model);
  const dispose = model.dispose.bind(model);
  model.dispose = () => {
    stepBy(model, undefined);
    return dispose();
  };
}

/** Has graphs checked after callbacks of `fit` and `fitDataset`, which may change what the loss computes with. */
function seeCallbacks(model: LayersModel): void {
  const recheck = (): void => graphs.get(model)?.recheck();
  const fit = model.fit.bind(model);
  model.fit = (x, y, args = {}) => fit(x, y, { ...args, callbacks: withRechecks(args.callbacks, recheck) as never });
  const fitDataset = model.fitDataset.bind(model);
  model.fitDataset = (dataset, args) =>
    fitDataset(dataset, { ...args, callbacks: withRechecks(args.callbacks, recheck) as never });
}

/** Makes the losses of `fit`, `fitDataset` and `trainOnBatch` carry batch access, as ESAM and m-sharpness need it. */
export function giveBatchAccess(model: LayersModel): void {
  const trained = trainedModel(model);
  if (Object.hasOwn(trained, 'makeTrainFunction')) return;
  const make = trained.makeTrainFunction.bind(trained);
  trained.makeTrainFunction = () => {
    const train = make();
    graphs.get(model)?.recheck(); // Anything may have happened since the last fit or trainOnBatch.
    return (data) => {
      const graph = graphs.get(model);
      if (graph !== undefined) return graph.step(data);
      const optimizer = trained.optimizer_;
      // The training function calls minimize once, at once; nothing else sees what stands in for the optimizer.
      trained.optimizer_ = {
        minimize: (loss, ...rest) => optimizer.minimize(withAccess(model, loss, data), ...rest),
      };
      try {
        return withCheckedLosses(trained, () => train(data));
      } finally {
        trained.optimizer_ = optimizer;
      }
    };
  };
}
