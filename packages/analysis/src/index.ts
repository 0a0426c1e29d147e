/** Curvature, sharpness and loss landscapes of models. */

// The loss as a function of the weights.
export { lossSurface, type LossSurfaceOptions } from './surface/createSurface.js';
export type { LossSurface, PassCounts, PointValue, Slope, SurfaceParameter } from './surface/lossSurface.js';
export { modelSurface, type ModelSurfaceOptions } from './surface/modelSurface.js';
export type { BatchTensors } from './surface/passes.js';
export type { Vector } from './vectors/vector.js';
export type { Estimate } from './vectors/estimate.js';

// Second derivatives.
export { blockCurvature, type BlockCurvature, type Grouping } from './curvature/blocks.js';
export { type DensityOptions, spectralDensity, type SpectralDensity } from './curvature/density.js';
export { gaussNewton, hessian, type OperatorOptions } from './curvature/hessian.js';
export type { Operator } from './curvature/operator.js';
export { topEigenvalues, type TopEigenvalues, type TopEigenvaluesOptions } from './curvature/topEigenvalues.js';
export { trace, type TraceEstimate, type TraceOptions } from './curvature/trace.js';

// How much the loss rises around the weights.
export { scaleOf } from './sharpness/ball.js';
export {
  averageCaseSharpness,
  type AverageCaseOptions,
  type BallOptions,
  oneStepSharpness,
  type OneStepOptions,
  type Sharpness,
  worstCaseSharpness,
  type WorstCaseOptions,
} from './sharpness/sharpness.js';

// As a run goes.
export { probe, type ProbeMeasure, probeMeasures, type ProbeOptions } from './probe/probe.js';

// Lines, planes and paths.
export { filterNormalized } from './landscape/directions.js';
export type { LandscapeOptions, LandscapePoint, Surfaces } from './landscape/grid.js';
export { type Barrier, barrierOf, line, type Line, type LineOptions } from './landscape/line.js';
export {
  filterPlane,
  type MeasuredPlane,
  type Place,
  placeOf,
  plane,
  type Plane,
  type PlaneOptions,
  planeThrough,
} from './landscape/plane.js';
export { type Trajectory, trajectoryOf } from './landscape/trajectory.js';
