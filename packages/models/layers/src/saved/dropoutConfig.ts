import { configsIn, type Topology } from './topology.js';

/** Gives every dropout of a topology the masks of `dropoutLayer`: one a step, the same in all its passes. */
export function withRepeatedDropout(topology: Topology): void {
  for (const layer of configsIn(topology)) {
    if (layer.class_name !== 'Dropout') continue;
    const kept = Object.entries(layer.config).filter(([option]) => option !== 'seed' && option !== 'noise_shape');
    layer.class_name = 'FlatminDropout';
    layer.config = Object.fromEntries(kept);
  }
}

/** The inverse, for a model that is to be loaded without flatmin. */
export function withPlainDropout(topology: Topology): void {
  for (const layer of configsIn(topology)) {
    if (layer.class_name !== 'FlatminDropout') continue;
    layer.class_name = 'Dropout';
    layer.config = { ...layer.config, noise_shape: null, seed: null };
  }
}
