import { describe, expect, it } from '@jest/globals';
import type { Constant, EdgeType, RecordedOp } from '../record/recording.js';
import { type RecordedGraph, simplify } from './simplify.js';

const float = (shape: readonly number[]): EdgeType => ({ dtype: 'float32', shape });
const op = (name: string, kind: string, ...inputs: string[]): RecordedOp => ({
  name,
  op: kind,
  attributes: [],
  inputs,
});
const constant = (value: number, shape: readonly number[] = []): Constant => ({
  ...float(shape),
  bytes: new Uint8Array(Float32Array.of(value).buffer),
});

/** A graph on x [2], all of whose edges are [2] unless another shape is given. */
function recordedGraph(
  ops: RecordedOp[],
  wanted: string[],
  others: Partial<RecordedGraph> & { shapes?: Record<string, number[]> } = {},
) {
  const { shapes = {}, ...given } = others;
  const names = ['x', ...ops.map(({ name }) => name), ...(given.constants?.keys() ?? [])];
  const edges = new Map(names.map((name) => [name, float(shapes[name] ?? [2])]));
  return { ops, constants: new Map(), computed: new Map(), edges, wanted: new Set(wanted), ...given };
}

const kinds = ({ ops }: ReturnType<typeof simplify>): string[] => ops.map((each) => each.op);

describe('simplify', () => {
  it('drops what does nothing, and what nobody wants', () => {
    const ops = [
      op('a', 'Cast', 'x'),
      op('b', 'Reshape', 'a'),
      op('c', 'Exp', 'b'),
      op('unused', 'Log', 'c'),
      op('d', 'Sum', 'c'),
    ];
    const graph = simplify(recordedGraph(ops, ['d']));
    expect(kinds(graph)).toEqual(['Exp']);
    expect(graph.outputs).toEqual(new Map([['d', 'c']]));
    expect([...graph.inputs.keys()]).toEqual(['x']);
  });

  it('keeps a cast to another type, and a reshape or sum to another shape', () => {
    const ops = [op('a', 'Cast', 'x'), op('b', 'Reshape', 'x'), op('c', 'Sum', 'x')];
    const { edges, ...rest } = recordedGraph(ops, ['a', 'b', 'c'], { shapes: { b: [1, 2], c: [] } });
    const graph = simplify({ ...rest, edges: new Map([...edges, ['a', { dtype: 'int32', shape: [2] }]]) });
    expect(kinds(graph)).toEqual(['Cast', 'Reshape', 'Sum']);
  });

  it('computes once what is computed twice, and not what has other attributes', () => {
    const flagged = { ...op('c', 'Exp', 'x'), attributes: [{ name: 'T', type: 4, value: 1 }] };
    const ops = [op('a', 'Exp', 'x'), op('b', 'Exp', 'x'), flagged, op('d', 'AddN', 'a', 'b', 'c')];
    const graph = simplify(recordedGraph(ops, ['d']));
    expect(graph.ops.map(({ inputs }) => inputs)).toEqual([['x'], ['x'], ['a', 'a', 'c']]);
  });

  it('computes once every output of an op that has several', () => {
    const ops = [op('a', 'TopKV2', 'x'), op('b', 'TopKV2', 'x'), op('c', 'Add', 'b', 'b:1')];
    const { edges, ...rest } = recordedGraph(ops, ['c']);
    const graph = simplify({ ...rest, edges: new Map([...edges, ['a:1', float([2])], ['b:1', float([2])]]) });
    expect(kinds(graph)).toEqual(['TopKV2', 'Add']);
    expect(graph.ops[1]?.inputs).toEqual(['a', 'a:1']);
  });

  it('makes one constant of equal ones, and a constant of what constants alone make', () => {
    const constants = new Map([
      ['k', constant(2)],
      ['l', constant(2)],
      ['m', constant(3)],
    ]);
    const ops = [op('a', 'Mul', 'l', 'm'), op('b', 'Mul', 'x', 'a'), op('c', 'Mul', 'b', 'k')];
    const graph = simplify(recordedGraph(ops, ['c'], { constants, computed: new Map([['a', constant(6)]]) }));
    expect(kinds(graph)).toEqual(['Mul', 'Mul']);
    expect(new Map([...graph.constants])).toEqual(new Map([['k', constant(2)], ['a', constant(6)]])); // prettier-ignore
  });

  it('computes what is not a constant any more, such as the learning rate', () => {
    const ops = [op('a', 'Neg', 'rate'), op('b', 'Mul', 'x', 'a')];
    const { edges, ...rest } = recordedGraph(ops, ['b'], { computed: new Map([['a', constant(-0.1)]]) });
    const graph = simplify({ ...rest, edges: new Map([...edges, ['rate', float([])]]) });
    expect(kinds(graph)).toEqual(['Neg', 'Mul']);
    expect([...graph.inputs.keys()].sort()).toEqual(['rate', 'x']);
  });

  it('hands an input and a constant through', () => {
    const graph = simplify(recordedGraph([], ['x', 'k'], { constants: new Map([['k', constant(2)]]) }));
    expect([kinds(graph), [...graph.inputs.keys()], [...graph.constants.keys()]]).toEqual([[], ['x'], ['k']]);
  });
});
