import type { Callbacks } from '../callbacks.js';
import { progressDisplay, type ProgressDisplay, type ProgressDisplayOptions } from './progressDisplay.js';

/**
 * Callbacks that show how a run stands: epoch, loss, accuracy (validation, else test, else training), rho, time left.
 *
 * @example
 * ```ts
 * await train({ ..., callbacks: [progress()] });
 * ```
 */
export function progress(options: Omit<ProgressDisplayOptions, 'total'> = {}): Callbacks {
  let display: ProgressDisplay | undefined;
  let epochs = 0;
  let accuracy: string | undefined;
  return {
    onStart(event) {
      epochs = event.epochs;
      display = progressDisplay({ ...options, total: event.totalSteps });
    },
    onLog(event) {
      const fields: Record<string, string> = { epoch: `${event.epoch}/${epochs}`, loss: event.loss.toFixed(4) };
      if (accuracy !== undefined) fields['accuracy'] = accuracy;
      if (event.radius !== null) fields['rho'] = event.radius.toPrecision(3);
      display?.update(event.step, fields, event.secondsLeft);
    },
    onEpoch(record) {
      accuracy = (record.validation ?? record.test ?? record.train)?.accuracy.toFixed(3) ?? accuracy;
    },
    onEnd() {
      display?.stop();
    },
  };
}
