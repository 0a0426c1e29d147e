import { shareText } from './numberText.js';
import type { Analysis, RunAnalysis } from './results.js';

/** Differences of gradients that vary by more than that leave little of small eigenvalues. */
const muchError = 0.05;

/** What a reader must know before the numbers are used. */
export function warningsOf({ runs, line }: Analysis): readonly string[] {
  return [
    ...runs.flatMap(curvatureWarnings),
    ...(line !== undefined && line.distance === 0 ? ['The two runs have the same weights.'] : []),
  ];
}

function curvatureWarnings({ name, hessian, eagerBecause, backend }: RunAnalysis): readonly string[] {
  const open = hessian?.converged.filter((each) => !each).length ?? 0;
  return [
    ...(open > 0
      ? [
          `${name}: ${open} of ${hessian?.converged.length} eigenvalues had not converged when the search ended; their errors show how far they may be off.`,
        ]
      : []),
    ...(hessian !== undefined && hessian.differenceError > muchError
      ? [
          `${name}: products with the Hessian vary by ${shareText(hessian.differenceError)} with the step of the differences, because of jumps in the gradient, such as those of max pooling. Eigenvalues that are small compared with the largest may be noise.`,
        ]
      : []),
    ...(eagerBecause !== undefined && backend === 'tensorflow'
      ? [`${name}: passes ran operation by operation, because ${eagerBecause}.`]
      : []),
  ];
}

/** How the numbers are to be read. */
export function notesOf(analysis: Analysis): readonly { readonly heading: string; readonly text: string }[] {
  const { runs, line, plane } = analysis;
  const has = (of: (run: RunAnalysis) => unknown): boolean => runs.some((run) => of(run) !== undefined);
  const isLandscape = line !== undefined || plane !== undefined || has(({ landscape }) => landscape);
  const [{ sharpness, normalizedLogits } = {} as RunAnalysis] = runs;
  return [
    {
      heading: 'The loss',
      text:
        'The one that flatmin evaluate reports: dropout off, moving averages unchanged, no label smoothing and no penalties.' +
        (normalizedLogits ? ' Logits are normalized: centered, and divided by their length.' : '') +
        ' All numbers are of the examples that were drawn; no error shows how they vary from one set of examples to another.',
    },
    ...(has(({ hessian }) => hessian)
      ? [
          {
            heading: 'Curvature',
            text: 'The error of an eigenvalue is a residual, measured at another step of differences: the matrix has an eigenvalue within that distance. The error of a trace is one standard error over random probes, and says nothing of differences.',
          },
        ]
      : []),
    ...(sharpness
      ? [
          {
            heading: 'Sharpness',
            text: `How much the loss rises within radius rho. The worst case is the highest point that 20 steps of projected gradient ascent found: the true one is at least as high. Where each weight has its own radius, it is rho divided by the square root of the number of weights, so that noise and corners are as far away as the edge of the ball. m-sharpness is the mean of the worst cases of batches of ${sharpness.m}. Adaptive: in units of |weight| + 0.01. None of these predicts well which of two networks generalizes better, and some the wrong one (Andriushchenko et al., ICML 2023).`,
          },
        ]
      : []),
    ...(isLandscape
      ? [
          {
            heading: 'Landscapes',
            text: 'A line or a plane shows one or two directions out of as many as there are weights: everything outside it stays hidden, and a valley in it does not mean that there is no steep direction. Between runs, moving averages are interpolated like the weights.',
          },
        ]
      : []),
  ];
}
