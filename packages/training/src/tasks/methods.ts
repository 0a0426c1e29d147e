import type { Task } from '@flatmin/core/plugin';
import { classification } from './classification.js';
import { regression } from './regression.js';
import { languageModelling, sequenceToSequence } from './sequences.js';
import type { TaskMethods } from './task.js';

const methods: Readonly<Record<Task, TaskMethods>> = {
  classification,
  regression,
  'language-modelling': languageModelling,
  'sequence-to-sequence': sequenceToSequence,
};

/** Loss and metrics of a task. */
export function methodsOf(task: Task): TaskMethods {
  return methods[task];
}
