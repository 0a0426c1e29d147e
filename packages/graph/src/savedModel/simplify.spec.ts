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

describe('rows by their indices', () => {
  const batchDims = [{ name: 'batch_dims', type: 2, value: 0 }];
  const gather = (name: string, of: string, indices = 'indices'): RecordedOp => ({
    ...op(name, 'GatherV2', of, indices, 'axis'),
    attributes: batchDims,
  });
  const axis = (value: number): Constant => ({ dtype: 'int32', shape: [], bytes: new Uint8Array(Int32Array.of(value).buffer) }); // prettier-ignore
  /** On x [4, 3], w [3, 5], of which two rows are taken. */
  const simplified = (ops: RecordedOp[], wanted: string[], shapes: Record<string, number[]>, along = 0): string[] => {
    const known = { x: [4, 3], w: [3, 5], b: [5], indices: [2], others: [2], axis: [], ...shapes };
    const recorded = recordedGraph(ops, wanted, { constants: new Map([['axis', axis(along)]]) });
    const edges = new Map(Object.entries(known).map(([name, shape]) => [name, float(shape)]));
    return simplify({ ...recorded, edges }).ops.map((each) => `${each.op} ${each.inputs.join()}`);
  };
  const forward = (prefix: string, x: string): RecordedOp[] => [
    op(`${prefix}m`, 'MatMul', x, 'w'),
    op(`${prefix}a`, 'Add', `${prefix}m`, 'b'),
    op(`${prefix}r`, 'Relu', `${prefix}a`),
  ];
  const shapes = { g: [2, 3], m: [4, 5], a: [4, 5], r: [4, 5], gm: [2, 5], ga: [2, 5], gr: [2, 5] };

  it('are rows of what is computed of all: their forward pass is one op', () => {
    const ops = [...forward('', 'x'), gather('g', 'x'), ...forward('g', 'g')];
    expect(simplified(ops, ['r', 'gr'], shapes)).toEqual([
      'MatMul x,w',
      'Add m,b',
      'Relu a',
      'GatherV2 r,indices,axis',
    ]);
  });

  it('also where a reshape has other rows, and where both inputs are rows', () => {
    const ops = [
      op('s', 'Reshape', 'x', 'shape4'),
      op('p', 'Mul', 's', 'x'),
      gather('g', 'x'),
      op('gs', 'Reshape', 'g', 'shape2'),
      op('gp', 'Mul', 'gs', 'g'),
    ];
    const reshaped = { g: [2, 3], s: [4, 3, 1], gs: [2, 3, 1], p: [4, 3, 3], gp: [2, 3, 3], shape4: [3], shape2: [3] };
    expect(simplified(ops, ['gs', 'p'], reshaped)).toEqual(['Reshape x,shape4', 'Mul s,x', 'GatherV2 s,indices,axis']);
    expect(simplified([op('p', 'Mul', 'x', 'y'), gather('g', 'x'), gather('h', 'y'), op('gp', 'Mul', 'g', 'h')], ['p', 'gp'], { y: [4, 3], p: [4, 3], g: [2, 3], h: [2, 3], gp: [2, 3] })).toEqual(['Mul x,y', 'GatherV2 p,indices,axis']); // prettier-ignore
  });

  it.each<[string, RecordedOp[], number]>([
    ['are of other inputs', [gather('h', 'y', 'others'), gather('g', 'x'), op('gp', 'Mul', 'g', 'h')], 0],
    ['are columns', [gather('g', 'x'), gather('h', 'y'), op('gp', 'Mul', 'g', 'h')], 1],
    ['are averaged', [gather('g', 'x'), gather('h', 'y'), op('gp', 'Mean', 'g', 'axis')], 0],
    ['are of a transposed matrix', [gather('g', 'x'), { ...op('gp', 'MatMul', 'g', 'y'), attributes: [{ name: 'transpose_a', type: 4, value: true }] }], 0], // prettier-ignore
  ])('are computed by themselves where they %s', (_, ops, along) => {
    const all = ops.map((each) => ({ ...each, name: each.name.replace('g', 'q') })).filter(({ op: kind }) => kind !== 'GatherV2'); // prettier-ignore
    const whole = all.map((each) => ({
      ...each,
      inputs: each.inputs.map((edge) => ({ g: 'x', h: 'y' })[edge] ?? edge),
    }));
    const given = { y: [4, 3], qp: [4, 3], g: [2, 3], h: [2, 3], gp: [2, 3] };
    const found = simplified([...whole, ...ops], ['qp', 'gp'], given, along);
    expect(found).toContain(`${ops.at(-1)?.op} ${ops.at(-1)?.inputs.join()}`);
  });
});
