export type {
  DegenerateCase,
  EvaluationCase,
  HandWorkedCase,
  InvalidCase,
  Options,
  Values,
  VariantCases,
} from './cases.js';
export { checkVariant, type CheckResult, type ConformanceReport } from './checkVariant.js';
export { describeVariant } from './describeVariant.js';
export { type CheckId, checkIds } from './finding.js';
export type { Deviation } from './reference/deviation.js';
export { describeReferences } from './reference/describeReferences.js';
export {
  loadReference,
  type Reference,
  type ReferenceBatch,
  type ReferenceProblem,
  type ReferenceStep,
  type ReferenceTolerance,
} from './reference/reference.js';
export { type ReferenceName, referenceNames } from './reference/referenceNames.js';
export {
  loadQuadratic,
  type Quadratic,
  type QuadraticCase,
  type QuadraticResult,
  runQuadratic,
} from './reference/runQuadratic.js';
export {
  type CreateOptimizer,
  type ReferenceOptimizer,
  type ReferenceRun,
  runReference,
} from './reference/runReference.js';
export type {
  Exemption,
  GraphAdapter,
  GraphStep,
  LayersAdapter,
  LayersCompileArgs,
  LetsAdapter,
  LetsSettings,
  TestRunner,
  VariantPlugin,
  VariantSetup,
} from './setup.js';
export { Bowl, type BowlStep } from './bowl.js';
