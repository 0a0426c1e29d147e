import type { AttributeKinds } from '../native/nativeBackend.js';
import type { Constant, RecordedOp } from '../record/recording.js';
import type { Graph } from './simplify.js';

/** How often each edge is taken, as an input or an output. */
function usesOf({ ops, outputs }: Graph): ReadonlyMap<string, number> {
  const uses = new Map<string, number>();
  for (const edge of [...ops.flatMap(({ inputs }) => inputs), ...outputs.values()]) {
    uses.set(edge, (uses.get(edge) ?? 0) + 1);
  }
  return uses;
}

const isZero = (constant: Constant | undefined): boolean =>
  constant !== undefined && constant.bytes.every((byte) => byte === 0);

/**
 * What is chosen by a SelectV2 of one condition (`chosenOrZeros` of core) as a branch: where zeros are chosen, the op
 * that only this choice takes does not run. TensorFlow's Switch hands an input on to one of its outputs, an op with an
 * input that is not handed on does not run, and Merge takes the one of its inputs that there is. A sum with a multiple
 * of what is chosen is a branch too: of zeros it is what they are added to.
 */
export function withBranches(graph: Graph, { TF_ATTR_INT }: Pick<AttributeKinds, 'TF_ATTR_INT'>): Graph {
  const uses = usesOf(graph);
  const byName = new Map(graph.ops.map((op) => [op.name, op]));
  const replaced = new Map<string, readonly RecordedOp[]>();
  const sameShape = (...edges: readonly (string | undefined)[]): boolean =>
    new Set(edges.map((edge) => graph.edges.get(edge ?? '')?.shape.join())).size === 1;
  for (const choice of graph.ops) {
    const { name, attributes } = choice;
    const [condition, taken, zeros] = choice.inputs as [string, string, string];
    const op = choice.op === 'SelectV2' && uses.get(taken) === 1 ? byName.get(taken) : undefined;
    const at = op?.inputs.findIndex((edge) => !graph.constants.has(edge)) ?? -1;
    if (op === undefined || at < 0 || !isZero(graph.constants.get(zeros))) continue;
    // A mask chooses by elements: Switch takes one boolean.
    if (graph.edges.get(condition)?.shape.length !== 0) continue;
    const onlyWhere = (edge: string, as: string): RecordedOp => ({
      name: as,
      op: 'Switch',
      attributes,
      inputs: [edge, condition],
    });
    const merge = (as: string, inputs: readonly string[]): RecordedOp => ({
      name: as,
      op: 'Merge',
      attributes: [...attributes, { name: 'N', type: TF_ATTR_INT, value: 2 }],
      inputs,
    });
    replaced.set(op.name, [
      onlyWhere(op.inputs[at] as string, `${name}/taken`),
      { ...op, inputs: op.inputs.map((edge, i) => (i === at ? `${name}/taken:1` : edge)) },
    ]);
    replaced.set(name, [onlyWhere(zeros, `${name}/zeros`), merge(name, [`${name}/zeros`, op.name])]);
    for (const multiple of graph.ops.filter((each) => each.op === 'Mul' && each.inputs[0] === name)) {
      const sum = graph.ops.find((each) => each.op === 'Add' && each.inputs[1] === multiple.name);
      if (sum === undefined || uses.get(multiple.name) !== 1 || !sameShape(sum.inputs[0], sum.name)) continue;
      const kept = `${sum.name}/kept`;
      const moved = `${sum.name}/moved`;
      replaced.set(multiple.name, [{ ...multiple, inputs: [op.name, ...multiple.inputs.slice(1)] }]);
      replaced.set(sum.name, [
        onlyWhere(sum.inputs[0] as string, kept),
        { ...sum, name: moved },
        merge(sum.name, [kept, moved]),
      ]);
    }
  }
  return { ...graph, ops: graph.ops.flatMap((op) => replaced.get(op.name) ?? [op]) };
}
