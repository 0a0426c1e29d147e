import { type ParameterRole, parameterRoles } from '../variant/parameters.js';
import type { ProblemList } from '../errors/problemList.js';
import type { OptimizerContext } from '../step/setup.js';

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

/** The context of `createOptimizer` where it is one: what is wrong is noted and left out, so that all of it is said at once. */
export function checkedContext(context: unknown, problems: ProblemList): OptimizerContext {
  if (context === undefined) return {};
  if (!isObject(context) || Array.isArray(context)) {
    problems.add(
      'context',
      context,
      'this is no context',
      'Give { validationLoss, totalSteps, parameters }, or nothing.',
    );
    return {};
  }
  const { validationLoss, totalSteps, parameters } = context;
  const isGood = {
    validationLoss: checkValidationLoss(validationLoss, problems),
    totalSteps: checkTotalSteps(totalSteps, problems),
    parameters: checkParameters(parameters, problems),
  };
  const kept = Object.entries(context).filter(([key]) => isGood[key as keyof typeof isGood] ?? true);
  return Object.fromEntries(kept);
}

function checkValidationLoss(value: unknown, problems: ProblemList): boolean {
  if (value === undefined || typeof value === 'function') return true;
  problems.add(
    'context.validationLoss',
    value,
    'it is no function',
    'Give a loss over held-out data: () => tf.Scalar.',
  );
  return false;
}

function checkTotalSteps(value: unknown, problems: ProblemList): boolean {
  if (value === undefined || (Number.isSafeInteger(value) && (value as number) >= 1)) return true;
  problems.add('context.totalSteps', value, 'it is no number of steps', 'Give a whole number from 1, or leave it out.');
  return false;
}

function checkParameters(value: unknown, problems: ProblemList): boolean {
  if (value === undefined) return true;
  if (!isObject(value)) {
    const remedy = 'Give roles by name, { "dense/kernel": "kernel" }, or a list of { name, role }.';
    problems.add('context.parameters', value, 'it is no list of roles', remedy);
    return false;
  }
  const before = problems.all.length;
  const path = 'context.parameters';
  if (!Array.isArray(value)) {
    for (const [name, role] of Object.entries(value)) checkRole(role, `${path}.${name}`, problems);
  } else {
    value.forEach((entry: unknown, i) => {
      const { name, role } = isObject(entry) ? entry : {};
      if (typeof name === 'string') return checkRole(role, `${path}.${i}.role`, problems);
      problems.add(`${path}.${i}`, entry, 'it names no variable', 'Give { name, role }.');
    });
  }
  return problems.all.length === before;
}

function checkRole(role: unknown, path: string, problems: ProblemList): void {
  if (parameterRoles.includes(role as ParameterRole)) return;
  problems.add(path, role, 'it is no role', `Give one of ${parameterRoles.join(', ')}.`);
}
