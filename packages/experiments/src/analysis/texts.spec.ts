import { describe, expect, it } from '@jest/globals';
import { curvature, runAnalysis, sharpness } from './analysis.fixture.js';
import { radiusOf } from './analyzeRuns.js';
import { notesOf, warningsOf } from './notes.js';
import { analysisJson } from './plain.js';
import { rowsOfAnalysis } from './rows.js';
import { sentencesOf } from './sentences.js';
import { distinct } from './subject.js';

const both = runAnalysis({ hessian: curvature, sharpness });

describe('the first sentence', () => {
  it('says what was measured on how much data with which error', () => {
    expect(sentencesOf({ runs: [both] })).toEqual([
      'Measured on 1,024 of 4,000 training examples of digits: the largest Hessian eigenvalue is 12.30 ± 0.02, the trace 154 ± 6; the loss rises by 0.3104 at worst within radius 0.05.',
    ]);
  });

  it('says it of each run, and of the data of each where they differ', () => {
    const other = runAnalysis({
      name: 'sgd',
      part: 'test',
      examples: 500,
      partExamples: 500,
      sharpness: { ...sharpness, worstCase: 2 },
    });
    expect(sentencesOf({ runs: [both, other] })).toEqual([
      'Measured on 1,024 of 4,000 training examples of digits and all 500 test examples of digits: the loss rises by 0.3104 for sam and 2 for sgd at worst within radius 0.05.',
    ]);
  });

  it('tells the loss where nothing else was asked for, and what lies between runs', () => {
    const runs = [runAnalysis({ name: 'A' }), runAnalysis({ name: 'B', loss: 0.5 })];
    const line = { alpha: [0, 0.5, 1], losses: {}, examples: {}, distance: 3 };
    const barrier = { train: { barrier: 0.53, alpha: 0.5 }, test: { barrier: NaN, alpha: NaN } };
    expect(sentencesOf({ runs, line, barrier })).toEqual([
      'Measured on 1,024 of 4,000 training examples of digits: the loss is 0.0213 for A and 0.5 for B.',
      'On the line between A and B the barrier is 0.53 in train loss and not finite in test loss, over 3 points.',
    ]);
  });
});

describe('JSON', () => {
  it('of one run is its object, with every number under a plain name', () => {
    const blocks = [{ name: 'dense', size: 8, eigenvalue: 2, residual: 0.1, trace: { mean: 5, standardError: 0.2 } }];
    const found = JSON.parse(analysisJson({ runs: [{ ...both, blocks, gaussNewton: curvature }] })) as object;
    expect(found).toMatchObject({
      run: 'runs/mine',
      seed: 0,
      weights: 'last',
      step: 120,
      backend: 'cpu',
      part: 'train',
      examples: 1024,
      loss: 0.0213,
      accuracy: 0.99,
      eigenvalues: curvature.eigenvalues,
      eigenvalueErrors: curvature.eigenvalueErrors,
      trace: 154.4,
      traceError: 6.2,
      differenceStep: 0.01,
      differenceError: 0.001,
      gaussNewton: { eigenvalues: curvature.eigenvalues, trace: 154.4 },
      blocks: [{ name: 'dense', size: 8, eigenvalue: 2, eigenvalueError: 0.1, trace: 5, traceError: 0.2 }],
      sharpness: { rho: 0.05, oneStep: 0.3, worstCase: 0.3104, mSharpnessError: 0.03 },
      notFinite: 0,
    });
  });

  it('of several has them all, and what lies between; numbers that are none are null, and counted', () => {
    const line = { alpha: [0, 1], losses: { train: [1, Infinity] }, examples: { train: 9 }, distance: 3 };
    const barrier = { train: { barrier: NaN, alpha: NaN } };
    expect(JSON.parse(analysisJson({ runs: [both, both], line, barrier }))).toMatchObject({
      runs: [{ trace: 154.4 }, { trace: 154.4 }],
      line: { losses: { train: [1, null] } },
      barrier: { train: { barrier: null, alpha: null } },
      notFinite: 3,
    });
  });
});

describe('the table', () => {
  it('has a measure a row and a run a column, without what no run has', () => {
    const rows = rowsOfAnalysis({ runs: [both, runAnalysis({ name: 'sgd' })] });
    expect(rows.slice(0, 6)).toEqual([
      { measure: 'train loss', values: ['0.0213', '0.0213'] },
      { measure: 'train accuracy', values: ['0.99', '0.99'] },
      { measure: 'length of the gradient', values: ['0.004', '0.004'] },
      { measure: 'largest eigenvalue, Hessian', values: ['12.30 ± 0.02', ''] },
      { measure: 'fifth largest eigenvalue, Hessian', values: ['0.5 ± 0.1', ''] },
      { measure: 'trace, Hessian', values: ['154 ± 6', ''] },
    ]);
    expect(rows).toContainEqual({ measure: 'rise of the loss, m-sharpness', values: ['0.40 ± 0.03', ''] });
    expect(rows.map(({ measure }) => measure).join()).not.toMatch(/Gauss|l-infinity, adaptive/);
  });
});

describe('what a reader is warned of', () => {
  it('are differences that vary, eigenvalues that did not converge, and runs that are the same', () => {
    expect(warningsOf({ runs: [both] })).toEqual([]);
    const hessian = { ...curvature, differenceError: 0.42, converged: [true, false] };
    const line = { alpha: [0, 1], losses: {}, examples: {}, distance: 0 };
    expect(warningsOf({ runs: [runAnalysis({ hessian })], line })).toEqual([
      expect.stringMatching(/^sam: 1 of 2 eigenvalues had not converged/),
      expect.stringMatching(/^sam: products with the Hessian vary by 42 %/),
      'The two runs have the same weights.',
    ]);
  });

  it('is told what the numbers are not', () => {
    const text = notesOf({ runs: [both] })
      .map((note) => note.text)
      .join(' ');
    expect(text).toMatch(/no error shows how they vary from one set of examples to another/);
    expect(text).toMatch(/batches of 256.*None of these predicts well/);
  });
});

describe('the radius of runs', () => {
  it('is one for all: the option, that which they share, or 0.05', () => {
    expect(radiusOf([{ radius: 0.3 }], { rho: 1 })).toEqual({ rho: 1, rhoFrom: 'option' });
    expect(radiusOf([{ radius: 0.3 }, {}], {})).toEqual({ rho: 0.3, rhoFrom: 'run' });
    expect(radiusOf([{ radius: 0.3 }, { radius: 0.1 }], {})).toEqual({ rho: 0.05, rhoFrom: 'default' });
    expect(radiusOf([{}], {})).toEqual({ rho: 0.05, rhoFrom: 'default' });
  });
});

describe('runs of one name', () => {
  const run = (name: string, seed: number, directory: string) => ({ name, seed, directory });

  it('are told apart by their seeds, as cells of a comparison', () => {
    const cells = [run('sam', 0, 'cells/a'), run('sgd', 0, 'cells/b'), run('sam', 1, 'cells/c')];
    expect(distinct(cells)).toEqual(['sam · seed 0', 'sgd', 'sam · seed 1']);
  });

  it('and of one seed by their folders, as short as they may be', () => {
    expect(distinct([run('sam', 0, 'runs/a'), run('sam', 0, 'runs/b'), run('sam', 1, 'runs/c')])).toEqual([
      'sam · a',
      'sam · b',
      'sam · c',
    ]);
    expect(distinct([run('sam', 0, 'x/a'), run('sam', 0, 'y/a')])).toEqual(['sam · x/a', 'sam · y/a']);
  });
});
