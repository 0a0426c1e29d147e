import type { Constant, EdgeType, RecordedOp } from '../record/recording.js';
import { TakenRows } from './rows.js';

/** A graph from some edges to others. */
export interface Graph {
  /** Edges that are fed. */
  readonly inputs: ReadonlyMap<string, EdgeType>;
  readonly constants: ReadonlyMap<string, Constant>;
  readonly ops: readonly RecordedOp[];
  readonly edges: ReadonlyMap<string, EdgeType>;
  /** Where each wanted edge is found now. */
  readonly outputs: ReadonlyMap<string, string>;
}

/** What is simplified: ops in the order in which they ran, and the edges that are wanted of them. */
export interface RecordedGraph {
  readonly ops: readonly RecordedOp[];
  readonly constants: ReadonlyMap<string, Constant>;
  readonly computed: ReadonlyMap<string, Constant>;
  readonly edges: ReadonlyMap<string, EdgeType>;
  readonly wanted: ReadonlySet<string>;
}

const opOf = (edge: string): string => edge.split(':')[0] as string;

const sameShape = (a: EdgeType | undefined, b: EdgeType | undefined): boolean =>
  a !== undefined && b !== undefined && a.shape.join() === b.shape.join();

/** One walk over the ops in order: each is dropped, replaced or kept, and those after it see what became of it. */
class Simplifier {
  readonly constants = new Map<string, Constant>();
  readonly ops = new Map<string, RecordedOp>();
  readonly #recorded: RecordedGraph;
  /** What an edge became. */
  readonly #alias = new Map<string, string>();
  /** The first edge of each value and of each computation. */
  readonly #first = new Map<string, string>();
  readonly #rows: TakenRows;

  constructor(recorded: RecordedGraph) {
    this.#recorded = recorded;
    this.#rows = new TakenRows(recorded.edges);
    for (const [edge, constant] of recorded.constants) this.#addConstant(edge, constant);
    for (const op of recorded.ops) this.#visit(op);
  }

  /** Where an edge is found now. */
  readonly find = (edge: string): string => this.#alias.get(edge) ?? edge;

  #visit(recorded: RecordedOp): void {
    const { edges, computed } = this.#recorded;
    const op = { ...recorded, inputs: recorded.inputs.map(this.find) };
    const same = isIdentity(op, edges) ? op.inputs[0] : undefined;
    if (same !== undefined) return void this.#alias.set(op.name, same);
    const value = op.inputs.every((edge) => this.constants.has(edge)) ? computed.get(op.name) : undefined;
    if (value !== undefined) return this.#addConstant(op.name, value);
    const shape = edges.get(op.name)?.shape;
    const first = this.#computed(op, shape);
    if (first !== undefined) return this.#replaceOutputs(op.name, first);
    const rows = this.#rows.taking(op, this.#computed);
    this.#first.set(keyOf(op, shape), op.name);
    if (rows === undefined) this.#add(op);
    else this.#take(rows);
  }

  readonly #computed = (op: RecordedOp, shape: readonly number[] | undefined): string | undefined =>
    this.#first.get(keyOf(op, shape));

  /** Rows of something, which may be taken already. */
  #take(rows: RecordedOp): void {
    const { name } = rows;
    const shape = this.#recorded.edges.get(name)?.shape;
    const first = this.#computed(rows, shape);
    if (first !== undefined) return this.#replaceOutputs(name, first);
    this.#first.set(keyOf(rows, shape), name);
    this.#add(rows);
  }

  #add(op: RecordedOp): void {
    this.ops.set(op.name, op);
    this.#rows.note(op, this.constants);
  }

  #addConstant(edge: string, constant: Constant): void {
    const { dtype, shape, bytes } = constant;
    const key = `${dtype} [${shape.join()}] ${Buffer.from(bytes).toString('latin1')}`;
    const first = this.#first.get(key);
    if (first !== undefined) return void this.#alias.set(edge, first);
    this.#first.set(key, edge);
    this.constants.set(edge, constant);
  }

  /** Every output of an op that another one computes already. */
  #replaceOutputs(op: string, first: string): void {
    this.#alias.set(op, first);
    for (let i = 1; this.#recorded.edges.has(`${op}:${i}`); i++) this.#alias.set(`${op}:${i}`, `${first}:${i}`);
  }
}

/** What ops that give the same have in common. A reshape says its shape by a constant: another one for other rows. */
const keyOf = ({ op, attributes, inputs }: RecordedOp, shape: readonly number[] | undefined): string =>
  JSON.stringify([op, attributes, op === 'Reshape' ? [inputs[0], shape] : inputs]);

/** An op that gives its first input as it is. */
function isIdentity({ op, name, inputs }: RecordedOp, edges: ReadonlyMap<string, EdgeType>): boolean {
  const [input, output] = [edges.get(inputs[0] ?? ''), edges.get(name)];
  if (op === 'Cast') return input?.dtype === output?.dtype;
  return (op === 'Reshape' || op === 'Sum') && sameShape(input, output);
}

/**
 * The same function in fewer ops: what does nothing is dropped, what is known is a constant, what is computed twice is
 * computed once, what nobody wants is not computed. Results stay the same to the bit, but that rows of a product may
 * round otherwise by themselves than among all rows.
 */
export function simplify(recorded: RecordedGraph): Graph {
  const simplifier = new Simplifier(recorded);
  const { find } = simplifier;
  const outputs = new Map([...recorded.wanted].map((edge) => [edge, find(edge)]));
  const needed = new Set([...outputs.values()]);
  const ops: RecordedOp[] = [];
  const used = new Set([...needed].map(opOf));
  for (const op of [...simplifier.ops.values()].reverse()) {
    if (!used.has(op.name)) continue;
    ops.unshift(op);
    for (const edge of op.inputs) {
      used.add(opOf(edge));
      needed.add(edge);
    }
  }
  const constants = new Map([...simplifier.constants].filter(([edge]) => needed.has(edge)));
  const known = new Set(ops.map(({ name }) => name));
  const fed = [...needed].filter((edge) => !constants.has(edge) && !known.has(opOf(edge)));
  const inputs = new Map(fed.map((edge) => [edge, recorded.edges.get(edge) as EdgeType]));
  return { inputs, constants, ops, edges: recorded.edges, outputs };
}
