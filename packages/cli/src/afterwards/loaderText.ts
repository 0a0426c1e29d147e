/** What `load.mjs` of an exported model imports of others: packages, and files by their paths from there. */
export function loaderText(plugins: readonly string[]): string {
  const imports = plugins.map((name, i) => `import plugin${i} from ${JSON.stringify(name)};\n`);
  const others = plugins.map((_, i) => `, plugin${i}`).join('');
  return `// Written by flatmin export. It rebuilds the model from published packages and gives it its weights:
//
//   import { load } from './load.mjs';
//   const { predict } = await load();
//   console.log(await predict(x)); // x: a tensor [batch, ...inputShape], prepared as in training
import * as tf from '@tensorflow/tfjs';
import { createContainer, inUnitOfData, officialPlugins, RandomStream } from 'flatmin';
import { readFile } from 'node:fs/promises';
${imports.join('')}
const typed = { float32: Float32Array, int32: Int32Array, bool: Uint8Array };

function vocabularyOf(tokens) {
  const ids = new Map(tokens.map((token, id) => [token, id]));
  return { size: tokens.length, tokens, idOf: (token) => ids.get(token) ?? 3 };
}

function contextOf({ task, inputShape, classes, tokens, targetTokens, seed }) {
  return {
    task,
    inputShape,
    classes,
    ...(tokens && { vocabulary: vocabularyOf(tokens) }),
    ...(targetTokens && { targetVocabulary: vocabularyOf(targetTokens) }),
    random: new RandomStream(seed).at('model'),
  };
}

/** The trained model, what is known of it, and \`predict\`; \`dispose\` frees the model. */
export async function load() {
  await tf.ready();
  const manifest = JSON.parse(await readFile(new URL('flatmin.json', import.meta.url), 'utf8'));
  const bytes = await readFile(new URL('weights.bin', import.meta.url));
  const more = [undefined${others}].flat().filter((each) => each?.kind !== undefined);
  const container = createContainer({ plugins: [...officialPlugins, ...more] });
  const model = await container.loadModel(manifest.model, contextOf(manifest));
  if (model.variables.length !== manifest.weights.length) {
    throw new Error(\`the model has \${model.variables.length} variables, weights.bin \${manifest.weights.length}\`);
  }
  model.variables.forEach((variable, i) => {
    const { name, shape, dtype, offset } = manifest.weights[i];
    const values = new Uint8Array(tf.util.sizeFromShape(shape) * typed[dtype].BYTES_PER_ELEMENT);
    values.set(bytes.subarray(offset, offset + values.length));
    if (variable.shape.join() !== shape.join()) throw new Error(\`\${name} has shape [\${variable.shape}], and is saved as [\${shape}]\`);
    tf.tidy(() => variable.assign(tf.tensor(new typed[dtype](values.buffer), shape, dtype)));
  });
  return { model, manifest, predict: (x) => predict(model, manifest, x), dispose: () => model.dispose() };
}

/** An answer for each example of x: a class with the probabilities of all, a number in the unit of the data, or the tokens of a sequence. */
async function predict(model, { task, classNames, targetScale, targetTokens }, x) {
  if (task === 'sequence-to-sequence') {
    return (await model.generate(x)).map((ids) => ({ prediction: ids.map((id) => targetTokens[id]).join(' ') }));
  }
  const outputs = tf.tidy(() => (task === 'classification' ? tf.softmax(model.apply(x)) : model.apply(x)));
  const rows = await outputs.array();
  outputs.dispose();
  if (task === 'regression') return rows.map(([value]) => ({ prediction: inUnitOfData(value, targetScale) }));
  if (task !== 'classification') return rows;
  return rows.map((probabilities) => ({
    prediction: classNames[probabilities.indexOf(Math.max(...probabilities))],
    probabilities,
  }));
}
`;
}
