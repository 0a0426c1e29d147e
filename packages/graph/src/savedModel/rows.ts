import { expanded, type Constant, type EdgeType, type RecordedOp } from '../record/recording.js';

/** Ops of one input that compute each row by itself. */
const unary = new Set([
  ...['Abs', 'AvgPool', 'Cast', 'Elu', 'Erf', 'Exp', 'LeakyRelu', 'Log', 'Log1p', 'MaxPool', 'Neg', 'Relu', 'Relu6'],
  ...['Reshape', 'Rsqrt', 'Selu', 'Sigmoid', 'Softmax', 'Softplus', 'Sqrt', 'Square', 'Tanh'],
]);
/** Ops of two inputs that do, where the other one is the same for all rows or goes by rows too. */
const binary = new Set(['Add', 'AddV2', 'BiasAdd', 'Maximum', 'Minimum', 'Mul', 'RealDiv', 'Sub']);
/** Those whose second input is weights. */
const weighted = new Set(['Conv2D', 'DepthwiseConv2dNative', 'MatMul']);

type Edges = ReadonlyMap<string, EdgeType>;
const rowsOf = (edge: string, edges: Edges): number | undefined => edges.get(edge)?.shape[0];

/** Which inputs of an op go by rows, as its output does; none where it does not compute each row by itself. */
function inputsByRows({ op, name, inputs, attributes }: RecordedOp, edges: Edges): readonly number[] {
  const rank = edges.get(name)?.shape.length;
  if (op === 'Softmax' && rank === 1) return [];
  if (unary.has(op)) return rowsOf(inputs[0] as string, edges) === rowsOf(name, edges) ? [0] : [];
  if (op === 'MatMul' && attributes.some((each) => each.name === 'transpose_a' && each.value === true)) return [];
  if (weighted.has(op)) return [0];
  if (!binary.has(op)) return [];
  return inputs.flatMap((edge, i) => (edges.get(edge)?.shape.length === rank && rowsOf(edge, edges) !== 1 ? [i] : []));
}

/** Rows that were taken of what is computed for all rows. */
interface Taken {
  /** What they are rows of. */
  readonly of: string;
  readonly gather: RecordedOp;
}

/**
 * Rows by their indices, and what is computed from them by rows: where that is computed of all rows already, it is rows
 * of that. So examples that are chosen by a forward pass over all (ESAM) need no forward pass of their own.
 */
export class TakenRows {
  readonly #edges: Edges;
  readonly #taken = new Map<string, Taken>();

  constructor(edges: Edges) {
    this.#edges = edges;
  }

  /** Notes an op that takes rows. */
  note(op: RecordedOp, constants: ReadonlyMap<string, Constant>): void {
    const [of, indices, axis] = op.inputs as [string, string, string];
    if (op.op !== 'GatherV2' || this.#edges.get(indices)?.shape.length !== 1) return;
    const known = constants.get(axis);
    const isPlain = op.attributes.every(({ name, value }) => name !== 'batch_dims' || value === 0);
    if (known === undefined || expanded(known)[0] !== 0 || !isPlain) return;
    this.#taken.set(op.name, { of, gather: op });
  }

  /**
   * The op in a form that takes rows of what is computed.
   *
   * @param find gives the name of an op of this kind on these inputs, where one ran.
   */
  taking(
    op: RecordedOp,
    find: (op: RecordedOp, shape: readonly number[]) => string | undefined,
  ): RecordedOp | undefined {
    const byRows = inputsByRows(op, this.#edges);
    const rows = byRows.map((i) => this.#taken.get(op.inputs[i] as string));
    const [first] = rows;
    if (first === undefined || rows.some((each) => each?.gather.inputs[1] !== first.gather.inputs[1])) return undefined;
    const inputs = op.inputs.map((edge, i) => rows[byRows.indexOf(i)]?.of ?? edge);
    const [, ...rest] = this.#edges.get(op.name)?.shape ?? [];
    const all = find({ ...op, inputs }, [rowsOf(first.of, this.#edges) ?? 0, ...rest]);
    if (all === undefined || this.#edges.get(all)?.dtype !== this.#edges.get(first.of)?.dtype) return undefined;
    return { ...first.gather, name: op.name, inputs: [all, ...first.gather.inputs.slice(1)] };
  }
}
