import type { LayersModel } from '@tensorflow/tfjs-layers';
import { type Layer, sublayers } from './sublayers.js';

/** Layers whose masks are told apart by where they stand in their model, and how each is told. */
const places = new WeakMap<Layer, (path: string) => void>();

/**
 * Has a layer told its place, by which it draws; the names that TF.js counts are others whenever a model is built
 * again.
 */
export function drawsByPlace(layer: Layer, tell: (path: string) => void): void {
  places.set(layer, tell);
}

/** Numbers such layers of a model in order. */
export function numberDropout(model: LayersModel): void {
  let count = 0;
  for (const layer of new Set(sublayers(model))) places.get(layer)?.(`dropout${count++}`);
}
