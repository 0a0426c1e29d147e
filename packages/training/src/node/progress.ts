import type { Callbacks } from '../callbacks.js';
import { progressDisplay, type ProgressDisplay, type ProgressDisplayOptions } from './progressDisplay.js';

/**
 * Callbacks that show how a run stands: epoch, loss, accuracy (in regression the loss; validation, else test, else training), rho, time left.
 *
 * @example
 * ```ts
 * await train({ ..., callbacks: [progress()] });
 * ```
 */
export function progress(options: Omit<ProgressDisplayOptions, 'total'> = {}): Callbacks {
  let display: ProgressDisplay | undefined;
  let epochs = 0;
  let judged: Readonly<Record<string, string>> = {};
  return {
    observesOnly: true,
    onStart(event) {
      epochs = event.epochs;
      display = progressDisplay({ ...options, total: event.totalSteps });
    },
    onLog(event) {
      const fields: Record<string, string> = { epoch: `${event.epoch}/${epochs}`, loss: event.loss.toFixed(4) };
      Object.assign(fields, judged);
      if (event.radius !== null) fields['rho'] = event.radius.toPrecision(3);
      display?.update(event.step, fields, event.secondsLeft);
    },
    onEpoch(record) {
      const part = (['validation', 'test', 'train'] as const).find((name) => record[name] !== undefined);
      const { accuracy, loss } = (part && record[part]) ?? {};
      if (accuracy !== undefined) judged = { accuracy: accuracy.toFixed(3) };
      else if (loss !== undefined) judged = { [`${part} loss`]: loss.toFixed(4) };
    },
    onEnd() {
      display?.stop();
    },
  };
}
