import { describe, expect, it } from '@jest/globals';
import type { Constant, EdgeType, RecordedOp } from '../record/recording.js';
import { withBranches } from './branches.js';
import type { Graph } from './simplify.js';

const kinds = { TF_ATTR_INT: 1 };
const op = (name: string, kind: string, ...inputs: string[]): RecordedOp => ({
  name,
  op: kind,
  attributes: [],
  inputs,
});
const zeros: Constant = { dtype: 'float32', shape: [2], bytes: new Uint8Array(4) };

const edges = new Map<string, EdgeType>([
  ['w', zeros],
  ['s', zeros],
  ['is', { dtype: 'bool', shape: [] }],
  ['mask', { dtype: 'bool', shape: [2] }],
]);

const graphOf = (ops: readonly RecordedOp[], ...outputs: string[]): Graph => ({
  edges,
  inputs: new Map(),
  constants: new Map([
    ['zeros', zeros],
    ['ones', { ...zeros, bytes: new Uint8Array(Float32Array.of(1).buffer) }],
  ]),
  ops,
  outputs: new Map(outputs.map((edge) => [edge, edge])),
});
const texts = ({ ops }: Graph): string[] =>
  ops.map(({ name, op: kind, inputs }) => `${name} = ${kind} ${inputs.join()}`);

describe('a choice as a branch', () => {
  it('keeps an op that nothing else takes from running where zeros are chosen', () => {
    const graph = graphOf([op('a', 'MatMul', 'x', 'y'), op('b', 'SelectV2', 'is', 'a', 'zeros')], 'b');
    expect(texts(withBranches(graph, kinds))).toEqual([
      'b/taken = Switch x,is',
      'a = MatMul b/taken:1,y',
      'b/zeros = Switch zeros,is',
      'b = Merge b/zeros,a',
    ]);
  });

  it('leaves what it is added to as it is where zeros are chosen', () => {
    const chosen = [op('a', 'Neg', 'x'), op('b', 'SelectV2', 'is', 'a', 'zeros')];
    const added = [op('m', 'Mul', 'b', 'factor'), op('s', 'Add', 'w', 'm')];
    expect(texts(withBranches(graphOf([...chosen, ...added], 's', 'b'), kinds)).slice(4)).toEqual([
      'm = Mul a,factor',
      's/kept = Switch w,is',
      's/moved = Add w,m',
      's = Merge s/kept,s/moved',
    ]);
    const wide = { ...graphOf([...chosen, ...added], 's'), edges: new Map([...edges, ['w', { ...zeros, shape: [] }]]) }; // prettier-ignore
    expect(texts(withBranches(wide, kinds))).toContain('s = Add w,m');
    // Wanted by itself: it has to be there.
    expect(texts(withBranches(graphOf([...chosen, ...added], 's', 'm'), kinds)).slice(4)).toEqual([
      'm = Mul b,factor',
      's = Add w,m',
    ]);
  });

  it.each([
    ['another op takes', [op('c', 'Exp', 'a')], ['b', 'c']],
    ['is wanted itself', [], ['b', 'a']],
  ])('computes what %s', (_, others, outputs) => {
    const graph = graphOf([op('a', 'Neg', 'x'), op('b', 'SelectV2', 'is', 'a', 'zeros'), ...others], ...outputs);
    expect(withBranches(graph, kinds).ops).toEqual(graph.ops);
  });

  it('leaves what a mask chooses, and a choice of something other than zeros', () => {
    const ops = [
      op('a', 'Neg', 'x'),
      op('b', 'SelectV2', 'mask', 'a', 'zeros'),
      op('c', 'Neg', 'x'),
      op('d', 'SelectV2', 'is', 'c', 'ones'),
      op('m', 'Mul', 'd', 'factor'),
      op('s', 'Add', 'w', 'm'),
    ];
    expect(withBranches(graphOf(ops, 'b', 's'), kinds).ops).toEqual(ops);
  });

  it('leaves a choice of an input, of what constants make, and between two tensors', () => {
    const ops = [
      op('a', 'SelectV2', 'is', 'x', 'zeros'),
      op('b', 'Neg', 'zeros'),
      op('c', 'SelectV2', 'is', 'b', 'zeros'),
      op('d', 'Neg', 'x'),
      op('e', 'SelectV2', 'is', 'd', 'y'),
    ];
    expect(withBranches(graphOf(ops, 'a', 'c', 'e'), kinds).ops).toEqual(ops);
  });
});
