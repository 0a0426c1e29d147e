import * as tf from '@tensorflow/tfjs-core';
import { FlatminError, show } from '../errors/errors.js';
import { accumulatedGradients } from '../loss/gradients.js';
import type { LossFunction } from '../loss/loss.js';
import { cleanPasses, batchParts } from '../loss/parts.js';
import { type GroupSettings, type ParameterGroup, settingsOfGroups } from '../variant/parameterGroups.js';
import { describeParameters, type ParameterInfo, type ParameterRoles } from '../variant/parameters.js';
import type { Statistics } from '../loss/statistics.js';
import { isGone, registeredVariable } from '../tensors/tensors.js';
import type { Evaluation } from '../variant/variant.js';

/** Which variables a step trains. */
export interface Selection {
  /** All variables of the optimizer, in first-seen order; those of this step have `active[i]` true. */
  readonly variables: readonly tf.Variable[];
  readonly active: readonly boolean[];
  /** The clean pass, where one was needed to find the variables. */
  readonly found?: Evaluation;
  /** Registered variables that the loss did not depend on when it was last looked at, where no list was passed. */
  readonly watched?: readonly tf.Variable[];
}

/** The variables of an optimizer in the order in which it first saw them, whatever order the caller passes. */
export class TrainedVariables {
  #variables: readonly tf.Variable[] = [];
  readonly #roles: ParameterRoles;
  readonly #groups: readonly ParameterGroup[] | undefined;
  /** What the groups say of each variable that was ever to be trained, frozen ones too, in the order of first sight. */
  #settings: ReadonlyMap<tf.Variable, GroupSettings> = new Map();
  parameters: readonly ParameterInfo[] = [];

  constructor({ roles, groups }: { readonly roles: ParameterRoles; readonly groups?: readonly ParameterGroup[] }) {
    this.#roles = roles;
    this.#groups = groups;
  }

  get all(): readonly tf.Variable[] {
    return this.#variables;
  }

  /** The selection of the caller's list; without one, the variables that the loss depends on. */
  select(
    loss: LossFunction,
    list: readonly tf.Variable[] | undefined,
    exempt: ReadonlySet<tf.Variable>,
    accumulate: number,
    statistics: Statistics,
  ): Selection {
    refuseGone(this.#variables); // Before a pass, which would meet them.
    const known = list === undefined ? this.known(exempt) : this.listed(list);
    if (known !== undefined) return known;
    const candidates = this.#candidates(exempt);
    if (candidates.length === 0) throw this.#nothingToTrain('no trainable variable exists');
    const parts = batchParts(loss, accumulate, 'accumulate');
    const { loss: value, gradients } = accumulatedGradients(parts, candidates, cleanPasses(statistics));
    const connected = candidates.filter((variable) => gradients.get(variable) !== null);
    for (const variable of candidates) if (gradients.get(variable) === null) this.#unrelated.add(variable);
    const selection = this.#selection(connected);
    const gradient = selection.variables.map((v) => gradients.get(v) ?? tf.zerosLike(v as tf.Tensor));
    return { ...selection, found: { loss: value, gradient } };
  }

  /** The variables that the loss depends on, where that is known of every variable there is. */
  known(exempt: ReadonlySet<tf.Variable>): Selection | undefined {
    const candidates = this.#candidates(exempt);
    const known = new Set(this.#variables);
    const isFrozen = (variable: tf.Variable): boolean => this.#settings.get(variable)?.frozen === true;
    const isSettled = (each: tf.Variable): boolean => known.has(each) || isFrozen(each) || this.#unrelated.has(each);
    if (known.size === 0 || !candidates.every(isSettled)) return undefined;
    const watched = candidates.filter((variable) => !known.has(variable) && !isFrozen(variable));
    return { ...this.#selection(candidates.filter((variable) => known.has(variable))), watched };
  }

  /** The selection of a list that the caller passed. */
  listed(list: readonly tf.Variable[]): Selection {
    return this.#selection(this.#checked(list));
  }

  /** The selection of the variables of these names, which exist. */
  named(names: Iterable<string>): Selection {
    return this.listed([...names].map((name) => registeredVariable(name) as tf.Variable));
  }

  /** Makes the variables of a selection the optimizer's own. */
  adopt(selection: Selection): void {
    this.parameters = this.describe(selection);
    this.#variables = selection.variables;
  }

  /** What is known of the variables of a selection. */
  describe({ variables }: Selection): readonly ParameterInfo[] {
    const same = variables.length === this.#variables.length && variables.every((v, i) => v === this.#variables[i]);
    if (same) return this.parameters;
    const described = describeParameters(variables, this.#roles);
    if (this.#groups === undefined) return described;
    return described.map((parameter, i) => {
      const { learningRate, rho, decay } = this.#settings.get(variables[i] as tf.Variable) as GroupSettings;
      return { ...parameter, learningRate, rho, decay };
    });
  }

  /** Forgets that the loss does not depend on these variables. */
  lookAgainAt(variables: readonly tf.Variable[]): void {
    for (const variable of variables) this.#unrelated.delete(variable);
  }

  /** Registered variables that the loss did not depend on when it was last looked at. */
  readonly #unrelated = new WeakSet<tf.Variable>();

  #candidates(exempt: ReadonlySet<tf.Variable>): readonly tf.Variable[] {
    return Object.values(tf.engine().registeredVariables).filter((v) => v.trainable && !exempt.has(v));
  }

  #selection(asked: readonly tf.Variable[]): Selection {
    const wanted = this.#withoutFrozen(asked);
    const known = new Set(this.#variables);
    const variables = [...this.#variables, ...wanted.filter((variable) => !known.has(variable))];
    const chosen = new Set(wanted);
    refuseGone(variables);
    refuseOtherTypes(wanted);
    return { variables, active: variables.map((variable) => chosen.has(variable)) };
  }

  /** Those that no group freezes. */
  #withoutFrozen(asked: readonly tf.Variable[]): readonly tf.Variable[] {
    if (this.#groups === undefined) return asked;
    const added = asked.filter((variable) => !this.#settings.has(variable));
    if (added.length > 0) {
      const all = [...this.#settings.keys(), ...added];
      const settings = settingsOfGroups(this.#groups, describeParameters(all, this.#roles));
      this.#settings = new Map(all.map((variable, i) => [variable, settings[i] as GroupSettings]));
    }
    const wanted = asked.filter((variable) => this.#settings.get(variable)?.frozen === false);
    if (wanted.length > 0) return wanted;
    throw new FlatminError(
      'VARIABLES_INVALID',
      `groups freezes all of the ${asked.length} variables. Leave something to train: frozen: false in a group.`,
    );
  }

  #checked(list: readonly tf.Variable[]): readonly tf.Variable[] {
    refuseNoList(list);
    list.forEach((variable, i) => {
      if (!(variable instanceof tf.Variable)) {
        throw new FlatminError(
          'VARIABLES_INVALID',
          `element ${i} of the variable list is ${show(variable)}. Pass tf.Variables (of a layers model: model.trainableWeights.map((w) => w.read())).`,
        );
      }
    });
    const trainable = [...new Set(list)].filter((variable) => variable.trainable);
    if (trainable.length === 0) throw this.#nothingToTrain(`none of the ${list.length} variables passed is trainable`);
    return trainable;
  }

  #nothingToTrain(what: string): FlatminError {
    return new FlatminError('VARIABLES_INVALID', `${what}. Pass variables whose trainable is true.`);
  }
}

function refuseGone(variables: readonly tf.Variable[]): void {
  const gone = variables.find(isGone);
  if (gone === undefined) return;
  throw new FlatminError(
    'VARIABLES_CHANGED',
    `the variable ${show(gone.name)}, which this optimizer trains, is disposed. Create a new optimizer for a new model.`,
  );
}

function refuseNoList(list: unknown): void {
  if (Array.isArray(list)) return;
  throw new FlatminError('VARIABLES_INVALID', `the variable list is ${show(list)}. Pass an array of tf.Variables.`);
}

/** Gradients are float32: what holds integers or truths, such as a counter, cannot be moved by them. */
function refuseOtherTypes(variables: readonly tf.Variable[]): void {
  const other = variables.find(({ dtype }) => dtype !== 'float32');
  if (other === undefined) return;
  throw new FlatminError(
    'VARIABLES_INVALID',
    `the variable ${show(other.name)} to train is ${other.dtype}. Create it with trainable false, such as tf.variable(value, false), or make it float32.`,
  );
}
