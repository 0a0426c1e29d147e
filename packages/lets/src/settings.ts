import type { RadiusSettings } from './upper.js';

/** How H d is had: from one batch's Fisher diagonal, from the two gradients at hand, or from two more. */
export type Curvature = 'diagonal' | 'secant' | 'exact';

/** Everything LETS needs to know, with the preset's values where none was given. */
export interface LetsSettings extends RadiusSettings {
  /** gap: 1/2 (validation loss - training loss)^2, the paper's; validation: the validation loss. */
  readonly objective: 'gap' | 'validation';
  /** The training batch of the gap: the one just trained on, or the next step's. */
  readonly trainingBatch: 'same' | 'next';
  readonly curvature: Curvature;
  /** Removes from H d its component along the step, which would measure the step size. */
  readonly projection: boolean;
  /** How much of d theta / d rho survives a step; 0 differentiates one step only. */
  readonly memory: number;
  /** Scales the step to the length of the clean gradient. */
  readonly normMatch: boolean;
  /** The upper level runs on steps whose index is a multiple of it. */
  readonly every: number;
  /** No upper level before this step. */
  readonly warmup: number;
}

export type PresetName = 'paper' | 'robust';

const ours = {
  trainingBatch: 'same',
  normMatch: false,
  parameterization: 'log',
  upper: { use: 'adam', learningRate: 0.02, beta1: 0.9, beta2: 0.999, epsilon: 1e-12 },
  every: 1,
  warmup: 0,
  rhoMin: 1e-3,
  rhoMax: 2,
} as const;

/** The two presets. The paper's own constants beyond objective and curvature are not known to us: `ours` fills them. */
export const presets: Readonly<Record<PresetName, LetsSettings>> = {
  paper: { ...ours, objective: 'gap', curvature: 'diagonal', projection: false, memory: 0 },
  robust: { ...ours, objective: 'validation', curvature: 'secant', projection: true, memory: 0.99 },
};

/** Where rho starts when the wrapped variant does not say. */
export const defaultRho = 0.1;
