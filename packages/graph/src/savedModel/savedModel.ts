import { FlatminError } from '@flatmin/core';
import type * as tf from '@tensorflow/tfjs-core';
import { typeOf } from '../native/attributes.js';
import type { AttributeKinds, OpAttribute } from '../native/nativeBackend.js';
import { SavedModel } from './protos.js';
import type { Constant } from '../record/recording.js';
import type { Graph } from './simplify.js';

/** A version of the graph format that every TensorFlow from 2.2 on reads. */
const producer = 440;

const shapeOf = (shape: readonly number[]) => ({ dim: shape.map((size) => ({ size })) });

const asList = <T>(value: unknown): readonly T[] => value as readonly T[];

function attributeValue({ name, type, value }: OpAttribute, kinds: AttributeKinds): object {
  const isList = Array.isArray(value);
  switch (type) {
    case kinds.TF_ATTR_STRING:
      return { s: Buffer.from(value as string) };
    case kinds.TF_ATTR_INT:
      return isList ? { list: { i: asList<number>(value) } } : { i: value };
    case kinds.TF_ATTR_FLOAT:
      return isList ? { list: { f: asList<number>(value) } } : { f: value };
    case kinds.TF_ATTR_BOOL:
      return isList ? { list: { b: asList<boolean>(value) } } : { b: value };
    case kinds.TF_ATTR_TYPE:
      return isList ? { list: { type: asList<number>(value) } } : { type: value };
    case kinds.TF_ATTR_SHAPE:
      return { shape: shapeOf(asList<number>(value)) };
    default:
      throw new FlatminError(
        'CAPTURE_REFUSED',
        `the attribute ${name} is of a kind (${type}) that flatmin's graphs do not have.`,
      );
  }
}

/** One number for all elements, where they are alike: TensorFlow repeats the last value that a constant lists. */
function splat(dtype: tf.DataType, bytes: Uint8Array): object {
  const buffer = bytes.buffer.slice(0);
  if (dtype === 'float32') return { float_val: [...new Float32Array(buffer)] };
  return dtype === 'int32' ? { int_val: [...new Int32Array(buffer)] } : { bool_val: [bytes[0] !== 0] };
}

function constantNode(name: string, { dtype, shape, bytes }: Constant): object {
  const type = typeOf(dtype);
  const size = shape.reduce((product, length) => product * length, 1);
  const isWhole = bytes.length === size * (dtype === 'bool' ? 1 : 4);
  const values = isWhole ? { tensor_content: bytes } : splat(dtype, bytes);
  const value = { tensor: { dtype: type, tensor_shape: shapeOf(shape), ...values } };
  return { name, op: 'Const', attr: { dtype: { type }, value } };
}

/** The names of the placeholders, by edge: an edge of another graph may be none that a node can have. */
export const feedNames = ({ inputs }: Graph): ReadonlyMap<string, string> =>
  new Map([...inputs.keys()].map((edge, i) => [edge, `feed${i}`]));

/** The graph as the bytes of a `saved_model.pb` without variables: inputs are placeholders, fed and fetched by name. */
export function encodeSavedModel(graph: Graph, kinds: AttributeKinds): Uint8Array {
  const { inputs, constants, ops } = graph;
  const feeds = feedNames(graph);
  const node = [
    ...[...inputs].map(([edge, { dtype, shape }]) => ({
      name: feeds.get(edge),
      op: 'Placeholder',
      attr: { dtype: { type: typeOf(dtype) }, shape: { shape: shapeOf(shape) } },
    })),
    ...[...constants].map(([name, constant]) => constantNode(name, constant)),
    ...ops.map(({ name, op, inputs: input, attributes }) => ({
      name,
      op,
      input: input.map((edge) => feeds.get(edge) ?? edge),
      attr: Object.fromEntries(attributes.map((each) => [each.name, attributeValue(each, kinds)])),
    })),
  ];
  const meta = { meta_info_def: { tags: ['serve'] }, graph_def: { node, versions: { producer } } };
  return SavedModel.encode(SavedModel.fromObject({ saved_model_schema_version: 1, meta_graphs: [meta] })).finish();
}
