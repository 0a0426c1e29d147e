import { type ScheduleSpec, scheduleAt } from '../variant/schedule.js';
import type { Window } from '../variant/window.js';

/**
 * A valid setting that does nothing in a run of so many steps, as a line that says so; undefined where it does
 * something.
 */
export type Caution = string | undefined;

/** Of a window: that no step of the run perturbs. */
export function windowCaution({ start = 0 }: Window, totalSteps: number, place: string): Caution {
  if (start < totalSteps) return undefined;
  return `${place} is ${start} and the run has ${totalSteps} steps: none of them perturbs; all are steps of the base.`;
}

/** Of a schedule that reaches nothing but 0 within the run. */
export function scheduleCaution(schedule: ScheduleSpec, totalSteps: number, place: string): Caution {
  if (typeof schedule === 'number' || schedule.schedule !== 'piecewise') return undefined;
  const starts = [0, ...schedule.boundaries];
  const isOn = (index: number): boolean => scheduleAt(schedule, { index, totalSteps, learningRate: 0 }) > 0;
  if (!starts.some(isOn) || starts.filter((index) => index < totalSteps).some(isOn)) return undefined;
  const first = starts.find(isOn) as number;
  return `${place} is 0 until step ${first} and the run has ${totalSteps} steps: none of them perturbs; all are steps of the base.`;
}
