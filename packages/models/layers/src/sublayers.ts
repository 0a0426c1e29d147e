import type { LayersModel } from '@tensorflow/tfjs-layers';

/** A layer, as the base class that TF.js does not export by name. */
export type Layer = LayersModel['layers'][number];

/** The fields in which TF.js's layers hold other layers: models, wrappers and recurrent layers. */
const holders = ['layers', 'layer', 'forwardLayer', 'backwardLayer', 'cell', 'cells'] as const;

/** A layer and every layer inside it, outer ones first. */
export function* sublayers(layer: Layer): Generator<Layer> {
  yield layer;
  const fields = layer as unknown as Partial<Record<(typeof holders)[number], Layer | readonly Layer[]>>;
  for (const holder of holders) {
    const inner: readonly Layer[] = [fields[holder] ?? []].flat();
    for (const each of inner) yield* sublayers(each);
  }
}
