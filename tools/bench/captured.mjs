import * as tf from '@tensorflow/tfjs-core';

/** `@flatmin/graph`, or why it cannot be had. */
export async function loadGraph() {
  try {
    return { graph: await import('@flatmin/graph') };
  } catch (error) {
    // Without the path of the file that asked for it.
    const [reason] = error.message.split(' imported from');
    return { missing: `captured subjects are left out: ${reason}` };
  }
}

/**
 * One gradient evaluation as a graph. Weights and statistics are inputs, so that it computes at the weights of now, as
 * the steps do; the statistics that the pass moved are outputs beside loss and gradients.
 */
export function capturedGradient({ captureFunction }, { variables, statistics, lossOn, x, y }) {
  const held = [...variables, ...statistics];
  const evaluation = ([batch, labels, ...values]) => {
    const saved = held.map((variable) => variable.clone());
    held.forEach((variable, i) => variable.assign(values[i]));
    const { value, grads } = tf.variableGrads(lossOn(batch, labels), variables);
    const moved = statistics.map((variable) => variable.clone());
    held.forEach((variable, i) => variable.assign(saved[i]));
    return [value, ...variables.map(({ name }) => grads[name]), ...moved];
  };
  const captured = captureFunction([x, y, ...held], evaluation);
  return {
    run: () => {
      const [loss, ...others] = captured.run([x, y, ...held]);
      tf.dispose(others);
      return loss;
    },
    dispose: () => captured.dispose(),
  };
}

/** A step of an optimizer as a graph: its loss is the caller's to dispose. Throws what says why it was refused. */
export function capturedStep({ capture }, optimizer, { variables, lossOn, x, y }) {
  const step = capture(optimizer, lossOn, [x, y], { variables, allowConstants: true }); // The held-out batch of LETS.
  return { run: () => step(x, y), recheck: () => step.recheck(), dispose: () => step.dispose() };
}
