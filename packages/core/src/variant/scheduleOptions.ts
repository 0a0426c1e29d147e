// Written by `npm run options` from the schemas of the plugins: do not edit.

/** rho, or how it changes over the steps of a run. */
export type Schedule =
  | number
  | (
      | {
          readonly schedule: 'proportional';
          /**
           * rho at learningRateMax.
           */
          readonly rhoMax: number;
          /**
           * rho at learningRateMin.
           */
          readonly rhoMin: number;
          /**
           * The largest learning rate of the run.
           */
          readonly learningRateMax: number;
          /**
           * The smallest learning rate of the run. Default: 0.
           */
          readonly learningRateMin?: number;
        }
      | {
          readonly schedule: 'linear';
          /**
           * rho at step 0.
           */
          readonly from: number;
          /**
           * rho at the end.
           */
          readonly to: number;
          /**
           * Steps of the ramp; default: totalSteps of the context.
           */
          readonly steps?: number;
        }
      | {
          readonly schedule: 'cosine';
          /**
           * rho at step 0.
           */
          readonly from: number;
          /**
           * rho at the end.
           */
          readonly to: number;
          /**
           * Steps of the ramp; default: totalSteps of the context.
           */
          readonly steps?: number;
        }
      | {
          readonly schedule: 'piecewise';
          /**
           * The steps at which the next value begins, in ascending order.
           */
          readonly boundaries: readonly number[];
          /**
           * One more value than boundaries.
           */
          readonly values: readonly number[];
        }
      | {
          readonly schedule: 'window';
          /**
           * rho inside the window.
           */
          readonly rho: number;
          /**
           * The first step that perturbs. Default: 0.
           */
          readonly start?: number;
          /**
           * The first step that no longer perturbs; default: none.
           */
          readonly end?: number;
        }
    );

/** A number, or how one changes over the steps of a run. */
export type Ramp =
  | number
  | (
      | {
          readonly schedule: 'linear';
          /**
           * Its value at step 0.
           */
          readonly from: number;
          /**
           * Its value at the end.
           */
          readonly to: number;
          /**
           * Steps of the ramp; default: totalSteps of the context.
           */
          readonly steps?: number;
        }
      | {
          readonly schedule: 'cosine';
          /**
           * Its value at step 0.
           */
          readonly from: number;
          /**
           * Its value at the end.
           */
          readonly to: number;
          /**
           * Steps of the ramp; default: totalSteps of the context.
           */
          readonly steps?: number;
        }
      | {
          readonly schedule: 'piecewise';
          /**
           * The steps at which the next value begins, in ascending order.
           */
          readonly boundaries: readonly number[];
          /**
           * One more value than boundaries.
           */
          readonly values: readonly number[];
        }
    );
