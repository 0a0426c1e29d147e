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
          `${name}: ${open} of ${hessian?.converged.length} eigenvalues had not converged when the search ended; their errors say how far they may be off.`,
        ]
      : []),
    ...(hessian !== undefined && hessian.differenceError > muchError
      ? [
          `${name}: products with the Hessian vary by ${shareText(hessian.differenceError)} with the step of differences, as jumps of the gradient make them, such as those of max pooling. Eigenvalues that are small beside the largest may be noise.`,
        ]
      : []),
    ...(eagerBecause !== undefined && backend === 'tensorflow'
      ? [`${name}: passes ran operation by operation, as ${eagerBecause}.`]
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
        'The one that flatmin evaluate judges by: dropout off, moving averages as they are, no label smoothing and no penalties.' +
        (normalizedLogits ? ' Logits are normalized: less their mean, by their length.' : '') +
        ' All numbers are of the examples that were drawn; no error says how they vary from one set of examples to another.',
    },
    ...(has(({ hessian }) => hessian)
      ? [
          {
            heading: 'Curvature',
            text: 'The error of an eigenvalue is a residual, measured at another step of differences: no eigenvalue of the matrix is further away than that. The error of a trace is one standard error over random probes, and says nothing of differences.',
          },
        ]
      : []),
    ...(sharpness
      ? [
          {
            heading: 'Sharpness',
            text: `How much the loss rises within radius rho. The worst case is the highest point that 20 steps of projected gradient ascent found: the true one is at least as high. Where each weight has a radius of its own, it is rho by the root of the number of weights, so that noise and corners are as far away as the edge of the ball. m-sharpness is the mean of the worst cases of batches of ${sharpness.m}. Adaptive: in units of |weight| + 0.01. None of these predicts well which of two networks generalizes better, and some the wrong one (Andriushchenko et al., ICML 2023).`,
          },
        ]
      : []),
    ...(isLandscape
      ? [
          {
            heading: 'Landscapes',
            text: 'A line or a plane is two directions out of as many as there are weights: what lies beside it is not seen, and a valley there does not mean that there is no steep direction. Between runs, moving averages are interpolated as the weights are.',
          },
        ]
      : []),
  ];
}
