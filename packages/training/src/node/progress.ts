import type { Callbacks, PhaseEvent } from '../loop/callbacks.js';
import { progressDisplay, type ProgressDisplay, type ProgressDisplayOptions } from './progressDisplay.js';

/** What people call what a run does. */
const words: Readonly<Record<PhaseEvent['phase'], string>> = {
  trying: 'trying a batch',
  reading: 'reading data',
  recording: 'recording a step as a graph',
  training: 'training',
  evaluating: 'evaluating',
  generating: 'generating',
  probing: 'probing the weights',
  writing: 'writing a checkpoint',
};

/**
 * Callbacks that show how a run stands: what it does, epoch, loss, accuracy (in regression the loss; validation, else
 * test, else training), rho, time left. What may take its time is said before it begins.
 *
 * @example
 * ```ts
 * await train({ ..., callbacks: [progress()] });
 * ```
 */
export function progress(options: Omit<ProgressDisplayOptions, 'total'> = {}): Callbacks {
  let display: ProgressDisplay | undefined;
  let epochs: number | undefined;
  let fields: Readonly<Record<string, string>> = {};
  let judged: Readonly<Record<string, string>> = {};
  const displayOf = (total: number): ProgressDisplay => (display ??= progressDisplay({ ...options, total }));
  const epochText = (epoch: number): string => (epochs === undefined ? `${epoch}` : `${epoch}/${epochs}`);
  return {
    observesOnly: true,
    onStart(event) {
      epochs = event.epochs;
      displayOf(event.totalSteps);
    },
    onPhase(event) {
      displayOf(event.totalSteps).begin(event.step, phaseText(event), event.phase === 'recording');
    },
    onStep(event) {
      fields = { ...fields, epoch: epochText(event.epoch) };
      displayOf(event.totalSteps).update(event.step, { ...fields, ...judged }, event.secondsLeft);
    },
    onLog(event) {
      const { epoch, loss, radius } = event;
      fields = {
        epoch: epochText(epoch),
        loss: loss.toFixed(4),
        ...(radius !== null && { rho: radius.toPrecision(3) }),
      };
      displayOf(event.totalSteps).update(event.step, { ...fields, ...judged }, event.secondsLeft);
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

/** What a run does, as people call it: `evaluating test 128/1000`. */
export function phaseText({ phase, part, done, total }: PhaseEvent): string {
  const share = done === undefined || total === undefined || done === 0 ? '' : ` ${done}/${total}`;
  return `${words[phase]}${part === undefined ? '' : ` ${part}`}${share}`;
}
