import type * as tf from '@tensorflow/tfjs-core';
import { FlatminError, show } from '../errors/errors.js';
import { isRecord } from '../tensors/stateTree.js';
import { tensorFault } from '../tensors/weightVector.js';
import { registeredVariable, isTensor } from '../tensors/tensors.js';

/** Gradients by the names of their variables; null where one has none. */
export type NamedGradients = ReadonlyMap<string, tf.Tensor | null>;

function refused(what: string, remedy: string): FlatminError {
  return new FlatminError('VARIABLES_INVALID', `${what}. Nothing was changed. ${remedy}`);
}

function entriesOf(given: unknown): readonly (readonly [string, unknown])[] {
  if (isRecord(given)) return Object.entries(given);
  if (!Array.isArray(given)) {
    throw refused(
      `the gradients are ${isTensor(given) ? 'a tensor' : show(given)}`,
      'Pass { [variable.name]: gradient }.',
    );
  }
  return given.map((entry: unknown, i) => {
    const { name, tensor } = (entry ?? {}) as { readonly name?: unknown; readonly tensor?: unknown };
    if (typeof name === 'string') return [name, tensor] as const;
    throw refused(`element ${i} of the gradients is ${show(entry)}`, 'Pass { name, tensor } for each variable.');
  });
}

/** What `applyGradients` takes, or a named error: gradients by name, each alive and of the shape of its variable. */
export function checkedGradients(given: unknown): NamedGradients {
  const gradients = new Map<string, tf.Tensor | null>();
  for (const [name, tensor] of entriesOf(given)) {
    const variable = registeredVariable(name);
    if (variable === undefined) {
      throw refused(
        `a gradient was given for ${show(name)}, but no variable has that name`,
        'Name gradients after their variables.',
      );
    }
    if (gradients.has(name)) throw refused(`two gradients were given for ${show(name)}`, 'Pass one, or their sum.');
    const fault = tensor === undefined || tensor === null ? undefined : faultOf(tensor, variable);
    if (fault !== undefined)
      throw refused(`the gradient given for ${show(name)} ${fault}`, 'Pass one tensor in the shape of its variable.');
    gradients.set(name, (tensor ?? null) as tf.Tensor | null);
  }
  return gradients;
}

const faultOf = (tensor: unknown, variable: tf.Variable): string | undefined =>
  isTensor(tensor) ? tensorFault(tensor, variable) : `is ${show(tensor)}, not a tensor`;

/** Refuses a gradient for a variable that the pending step does not train: it would be dropped silently. */
export function refuseUntrained(gradients: NamedGradients, trained: ReadonlySet<string>): void {
  for (const [name, tensor] of gradients) {
    if (tensor === null || trained.has(name)) continue;
    throw refused(
      `a gradient was given for ${show(name)}, which the step that computeGradients prepared does not train`,
      'Pass gradients only for the variables for which it returned some.',
    );
  }
}
