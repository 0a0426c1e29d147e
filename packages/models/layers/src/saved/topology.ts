import { FlatminError, type RandomStream } from '@flatmin/core';
import { show } from '@flatmin/core/plugin';

/** The configuration of a layer as TF.js and Keras write it: snake case, plain data. */
export interface LayerConfig {
  class_name: string;
  config: { [option: string]: unknown; name?: string };
}

/** The configuration of a model: `{ class_name: 'Sequential', config }`. */
export type Topology = LayerConfig;

/** The activations of a last layer that classification can be trained through. */
export type HeadActivation = 'linear' | 'softmax' | 'sigmoid';

/** What of a saved model's file the model is made of; refuses what is none. */
export function topologyOf(content: unknown, file: string): Topology {
  const { format, modelTopology } = (content ?? {}) as { format?: unknown; modelTopology?: unknown };
  const refuse = (what: string, remedy: string): never => {
    throw new FlatminError('DATA_FILE_INVALID', `${file}: ${what}. ${remedy}`);
  };
  if (format === 'graph-model') {
    refuse(
      'it is a graph model, which TensorFlow.js runs and cannot train',
      'Convert the Keras model to a layers model: tensorflowjs_converter --output_format tfjs_layers_model.',
    );
  }
  const whole = parsed(modelTopology ?? content) as { model_config?: unknown } | null;
  const topology = parsed(whole?.model_config ?? whole) as Partial<Topology> | null;
  if (typeof topology?.class_name !== 'string' || typeof topology.config !== 'object' || topology.config === null) {
    refuse('it does not contain a layers model', 'Give the model.json that model.save() of TensorFlow.js wrote.');
  }
  return JSON.parse(JSON.stringify(topology)) as Topology;
}

/** Keras writes a topology within JSON as a string at times. */
function parsed(value: unknown): unknown {
  return typeof value === 'string' ? (JSON.parse(value) as unknown) : value;
}

/** The layers of a model, or none of another layer. */
function layersIn({ config }: LayerConfig): readonly LayerConfig[] {
  const layers = Array.isArray(config) ? config : config['layers'];
  return Array.isArray(layers) ? (layers as LayerConfig[]) : [];
}

/** A layer and all inside it, those within wrappers too. */
export function* configsIn(layer: LayerConfig): Generator<LayerConfig> {
  yield layer;
  const { config } = layer;
  const inner = [config['layer'], config['cell'], config['cells']].flat().filter(isLayer);
  for (const each of [...layersIn(layer), ...inner]) yield* configsIn(each);
}

const isLayer = (value: unknown): value is LayerConfig =>
  typeof (value as Partial<LayerConfig> | null | undefined)?.class_name === 'string';

type NamedConfig = LayerConfig & {
  readonly name?: string;
  readonly inbound_nodes?: readonly (readonly (readonly unknown[])[])[];
};

const nameOf = ({ name, config }: NamedConfig): string | undefined => name ?? config.name;

/** Layers whose output has the values of their input. */
const onlyShape = ['Reshape', 'Flatten', 'Permute', 'Dropout'];

/**
 * The layer that decides what the outputs of a model are, logits or probabilities: the last one that does more than to
 * give them another shape. Undefined where there are several outputs.
 */
export function outputLayer(model: Topology): LayerConfig | undefined {
  const layers = layersIn(model) as readonly NamedConfig[];
  const outputs = model.config['output_layers'] as readonly (readonly unknown[])[] | undefined;
  if (outputs !== undefined && outputs.length !== 1) return undefined;
  let last = outputs === undefined ? layers.at(-1) : layers.find((layer) => nameOf(layer) === outputs[0]?.[0]);
  while (last !== undefined && onlyShape.includes(last.class_name)) {
    const before: unknown = last.inbound_nodes?.[0]?.[0]?.[0];
    const named = layers.find((layer) => nameOf(layer) === before);
    const previous: NamedConfig | undefined = outputs === undefined ? layers[layers.indexOf(last) - 1] : named;
    if (previous === undefined) break;
    last = previous;
  }
  return last !== undefined && layersIn(last).length > 0 ? outputLayer(last) : last;
}

/** The activation of a layer, by its name in TF.js; linear where it has none. */
export function activationOf({ class_name: kind, config }: LayerConfig): string {
  if (kind === 'Softmax') return 'softmax';
  const { activation = 'linear' } = config;
  return typeof activation === 'string' ? activation : show(activation);
}

/** Makes a layer give what its activation gets. */
export function withoutActivation(layer: LayerConfig): void {
  if (layer.class_name === 'Softmax') {
    layer.class_name = 'Activation';
    const { name } = layer.config;
    layer.config = { ...(name !== undefined && { name }), trainable: true };
  }
  layer.config['activation'] = 'linear';
}

/** Layers that draw again in each pass, so that the gradients of a step would be of several functions. */
const noisy = ['GaussianNoise', 'GaussianDropout', 'AlphaDropout', 'SpatialDropout1D'];

/** The name and class of a layer whose draws flatmin cannot repeat, in the passes of a step or after a resume. */
export function noisyLayer(model: Topology): string | undefined {
  for (const { class_name: kind, config } of configsIn(model)) {
    if (noisy.includes(kind)) return `${show(config.name)} (${kind})`;
    const recurrent = ['dropout', 'recurrent_dropout'].some((option) => Number(config[option] ?? 0) > 0);
    if (recurrent) return `${show(config.name)} (${kind} with dropout)`;
    if (kind === 'Dropout' && config['noise_shape'] != null) return `${show(config.name)} (Dropout with a noise shape)`;
  }
  return undefined;
}

const randomInitializers = new Map(
  ['RandomNormal', 'RandomUniform', 'TruncatedNormal', 'VarianceScaling', 'Orthogonal']
    .concat(['GlorotNormal', 'GlorotUniform', 'HeNormal', 'HeUniform', 'LeCunNormal', 'LeCunUniform'])
    .map((name) => [name.toLowerCase(), name] as const),
);

/**
 * Gives every initializer that draws a seed of its own, so that a model without saved weights starts at those that the
 * seed decides. One that has a seed keeps it.
 */
export function seedInitializers(model: Topology, random: RandomStream): void {
  for (const layer of configsIn(model)) {
    for (const [option, value] of Object.entries(layer.config)) {
      if (!option.endsWith('_initializer')) continue;
      const given = typeof value === 'string' ? { class_name: value, config: {} } : value;
      if (!isLayer(given)) continue;
      const name = randomInitializers.get(given.class_name.replaceAll('_', '').toLowerCase());
      if (name === undefined || typeof given.config['seed'] === 'number') continue;
      const draw = random.at(`${layer.config.name}/${option}`).uniforms(1)[0] as number;
      layer.config[option] = { class_name: name, config: { ...given.config, seed: Math.floor(draw * 2 ** 31) } };
    }
  }
}
