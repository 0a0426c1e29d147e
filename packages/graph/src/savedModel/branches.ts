import type { AttributeKinds } from '../native/nativeBackend.js';
import type { RecordedOp } from '../record/recording.js';
import type { Graph } from './simplify.js';

/** How often each edge is taken, as an input or an output. */
function usesOf({ ops, outputs }: Graph): ReadonlyMap<string, number> {
  const uses = new Map<string, number>();
  for (const edge of [...ops.flatMap(({ inputs }) => inputs), ...outputs.values()]) {
    uses.set(edge, (uses.get(edge) ?? 0) + 1);
  }
  return uses;
}

/**
 * What is chosen by a SelectV2 of one condition (`chosenOrZeros` of core) as a branch: where zeros are chosen, the op
 * that only this choice takes does not run. TensorFlow's Switch hands an input on to one of its outputs, an op with an
 * input that is not handed on does not run, and Merge takes the one of its inputs that there is.
 */
export function withBranches(graph: Graph, { TF_ATTR_INT }: Pick<AttributeKinds, 'TF_ATTR_INT'>): Graph {
  const uses = usesOf(graph);
  const byName = new Map(graph.ops.map((op) => [op.name, op]));
  const replaced = new Map<string, readonly RecordedOp[]>();
  for (const choice of graph.ops) {
    const [condition, taken, zeros] = choice.inputs as [string, string, string];
    const op = choice.op === 'SelectV2' && uses.get(taken) === 1 ? byName.get(taken) : undefined;
    const at = op?.inputs.findIndex((edge) => !graph.constants.has(edge)) ?? -1;
    if (op === undefined || at < 0 || !graph.constants.has(zeros)) continue;
    const { name, attributes } = choice;
    const [whenTaken, whenNot] = [`${name}/taken`, `${name}/zeros`];
    const onlyWhere = (edge: string, as: string): RecordedOp => ({
      name: as,
      op: 'Switch',
      attributes,
      inputs: [edge, condition],
    });
    replaced.set(op.name, [
      onlyWhere(op.inputs[at] as string, whenTaken),
      { ...op, inputs: op.inputs.map((edge, i) => (i === at ? `${whenTaken}:1` : edge)) },
    ]);
    const merged = [...attributes, { name: 'N', type: TF_ATTR_INT, value: 2 }];
    replaced.set(name, [
      onlyWhere(zeros, whenNot),
      { name, op: 'Merge', attributes: merged, inputs: [whenNot, op.name] },
    ]);
  }
  return { ...graph, ops: graph.ops.flatMap((op) => replaced.get(op.name) ?? [op]) };
}
