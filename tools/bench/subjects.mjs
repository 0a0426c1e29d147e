import { createOptimizer } from 'flatmin';
import * as tf from '@tensorflow/tfjs-core';
import { capturedGradient, capturedStep } from './captured.mjs';
import { base, isTargetEverywhere, methodsOf } from './methods.mjs';
import { naiveSam } from './naiveSam.mjs';

/** Waits for the result, as training does at its logging interval. */
function settle(loss) {
  loss.dataSync();
  loss.dispose();
}

const totalSteps = 100_000;
const optimizerOf = (spec, { validationLoss }) => createOptimizer(spec, { totalSteps, validationLoss });

function eagerGradient({ loss, variables }) {
  const run = () => {
    const { value, grads } = tf.tidy(() => tf.variableGrads(loss, variables));
    tf.dispose(grads);
    return value;
  };
  return { run, dispose: () => {} };
}

function eagerUpdate({ loss, variables }) {
  const optimizer = tf.train.momentum(base.learningRate, base.momentum);
  const { value, grads } = tf.tidy(() => tf.variableGrads(loss, variables));
  const held = variables.map(({ name }) => ({ name, tensor: grads[name] }));
  const run = () => {
    optimizer.applyGradients(held);
    return value.clone();
  };
  const dispose = () => {
    tf.dispose([value, grads]);
    optimizer.dispose();
  };
  return { run, dispose };
}

function eagerNaive({ loss, variables }) {
  const optimizer = tf.train.momentum(base.learningRate, base.momentum);
  const step = naiveSam(optimizer, 0.05);
  return { run: () => step(loss, variables), dispose: () => optimizer.dispose() };
}

function eagerStep(spec, model) {
  const optimizer = optimizerOf(spec, model);
  const run = () => optimizer.minimize(model.loss, true, model.variables);
  return { run, optimizer, dispose: () => optimizer.dispose() };
}

function graphStep(graph, spec, model) {
  const optimizer = optimizerOf(spec, model);
  try {
    const step = capturedStep(graph, optimizer, model);
    const dispose = () => {
      step.dispose();
      optimizer.dispose();
    };
    return { ...step, optimizer, dispose };
  } catch (error) {
    optimizer.dispose();
    throw error;
  }
}

/**
 * Each step is checked against the code before it is taken: beyond SAM it takes what `train` pays once an epoch and
 * logging interval.
 */
function checkedStep(graph, spec, model) {
  const step = graphStep(graph, spec, model);
  const run = () => {
    step.recheck();
    return step.run();
  };
  return { ...step, run };
}

/** A subject on a model: `sample` takes ms per step, and `evaluations` holds what each step said of its gradients. */
function started({ run, optimizer, dispose }, steps) {
  const evaluations = [];
  const once = () => {
    settle(run());
    const count = optimizer?.lastStep.gradientEvaluations;
    if (Number.isFinite(count)) evaluations.push(count);
  };
  const all = () => {
    for (let i = 0; i < steps; i++) once();
  };
  const sample = () => {
    const start = performance.now();
    all();
    return (performance.now() - start) / steps;
  };
  return { once, all, sample, evaluations, dispose };
}

const subject = (id, mode, steps, make) => ({
  id,
  mode,
  steps,
  start: (model) => started(make(model), steps),
});

/** What the others are compared with: measured beside every group of them. */
function references(graph) {
  const eager = [
    subject('gradient', 'eager', 1, eagerGradient),
    subject('update', 'eager', 1, eagerUpdate),
    subject('plain', 'eager', 1, (model) => eagerStep(base, model)),
    subject('sam', 'eager', 1, (model) => eagerStep({ use: 'sam', base }, model)),
    subject('naive-sam', 'eager', 1, eagerNaive),
  ];
  if (graph === undefined) return eager;
  return [
    ...eager,
    subject('gradient', 'captured', 1, (model) => capturedGradient(graph, model)),
    subject('plain', 'captured', 1, (model) => graphStep(graph, base, model)),
    subject('sam', 'captured', 1, (model) => graphStep(graph, { use: 'sam', base }, model)),
    subject('sam-checked', 'captured', 1, (model) => checkedStep(graph, { use: 'sam', base }, model)),
  ];
}

/**
 * The subjects of a model.
 *
 * @param {{ defaults?: string }} description of a model
 * @param plugins those registered: new variants come by themselves.
 * @param graph `@flatmin/graph`, or undefined.
 * @param {readonly string[] | undefined} chosen ids besides the references; default all, or what the model says.
 */
export function subjectsOf({ defaults }, plugins, graph, chosen) {
  const isShort = chosen === undefined && defaults === 'targets';
  const isWanted = (method) => (isShort ? isTargetEverywhere(method) : (chosen?.includes(method.id) ?? true));
  const others = methodsOf(plugins)
    .filter(isWanted)
    .flatMap(({ id, spec, steps }) => {
      const eager = subject(id, 'eager', steps, (model) => eagerStep(spec, model));
      if (graph === undefined) return [eager];
      const captured = subject(id, 'captured', steps, (model) => graphStep(graph, spec, model));
      return isShort ? [captured] : [eager, captured];
    });
  return { references: references(graph), others };
}
