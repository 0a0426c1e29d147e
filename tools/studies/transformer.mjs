// How well a small transformer writes down pronunciations and translates, beside tables of letters:
// `node tools/studies/transformer.mjs [cmudict|ding] [out]`. Trains by `flatmin train`, three seeds of cmudict or one
// of ding, about ten minutes each on two cores, then judges the checkpoints by generate; a run that is there is judged
// only.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { loadBackend } from '@flatmin/backend';
import { RandomStream } from '@flatmin/core';
import { cmudict } from '@flatmin/dataset-cmudict';
import { parallelText } from '@flatmin/dataset-parallel-text';
import { transformer } from '@flatmin/model-transformer';
import { corpusBleu } from '@flatmin/training';
import { checkpointDirectory } from '@flatmin/training/node';
import { editDistance, letterTables } from './letterTables.mjs';

const sizes = { width: 128, hidden: 256, heads: 4, encoderLayers: 2, decoderLayers: 2, dropout: 0.1 };
const base = { use: 'adamw', learningRate: 0.002, beta2: 0.98, weightDecay: 0.0001 };
const shared = {
  model: { use: 'transformer', ...sizes },
  optimizer: { use: 'lets', preset: 'robust', every: 4, inner: { use: 'sam', rho: 0.05, base } },
  batchSize: 64,
  labelSmoothing: 0.1,
};
const schedule = (warmupEpochs) => ({ schedule: 'inverse-square-root', warmupEpochs });
const studies = {
  cmudict: {
    open: cmudict,
    config: { dataset: { use: 'cmudict', train: 30_000 }, epochs: 2, seeds: [0, 1, 2], learningRate: schedule(0.5) },
  },
  ding: {
    open: parallelText,
    config: {
      dataset: { use: 'parallel-text', set: 'ding', vocabularySize: 4000, maxLength: 14 },
      epochs: 6,
      seeds: [0],
      learningRate: schedule(2),
    },
  },
};

const name = process.argv[2] ?? 'cmudict';
const { open, config } = studies[name];
const out = path.resolve(process.argv[3] ?? `runs/study-transformer-${name}`);
const run = path.join(out, 'run');
if (!existsSync(run)) {
  const file = path.join(out, 'config.json');
  mkdirSync(out, { recursive: true });
  writeFileSync(file, JSON.stringify({ ...shared, ...config }));
  const bin = path.resolve('packages/flatmin/dist/bin.js');
  const { status } = spawnSync(process.execPath, [bin, 'train', file, '--out', run], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

const { tf } = await loadBackend('tensorflow');
const data = await open(config.dataset);

/** Sources and targets without their special tokens. */
async function pairsOf(part) {
  const pairs = [];
  for await (const { x, y } of part.batches({ batchSize: 512 })) {
    const targets = y.arraySync();
    x.arraySync().forEach((ids, i) => pairs.push({ source: ids.filter((id) => id > 0), target: targets[i].filter((id) => id > 2) })); // prettier-ignore
    tf.dispose([x, y]);
  }
  return pairs;
}

function errors(found, pairs) {
  const distances = pairs.map(({ target }, i) => editDistance(found[i], target));
  const length = pairs.reduce((sum, { target }) => sum + target.length, 0);
  return {
    phoneErrors: distances.reduce((sum, distance) => sum + distance, 0) / length,
    wordsRight: distances.filter((distance) => distance === 0).length / pairs.length,
  };
}

/** A word that the vocabulary lacks is never right: in a target it is another one than what the model says for it. */
function bleu(found, pairs) {
  const text = (ids, unknown) => ids.map((id) => (id === 3 ? unknown : data.targetVocabulary.tokens[id])).join(' ');
  const targets = pairs.map(({ target }) => text(target, '<other>'));
  return { bleu: corpusBleu(found.map((ids) => text(ids, '<unk>')), targets, { tokenize: 'none' }).score }; // prettier-ignore
}

const judge = name === 'cmudict' ? errors : bleu;
const test = await pairsOf(data.test);
for (const seed of config.seeds) {
  const checkpoint = await checkpointDirectory(path.join(run, `checkpoint-seed-${seed}`)).latest();
  if (checkpoint === undefined) throw new Error(`${run} has no checkpoint of seed ${seed}`);
  for (const beam of [1, 5]) {
    const model = transformer({ ...sizes, beam }, { ...data, random: new RandomStream(0) });
    model.variables.forEach((variable, i) => variable.assign(checkpoint.model[i].tensor));
    const found = [];
    for await (const { x, y } of data.test.batches({ batchSize: 256 })) {
      found.push(...(await model.generate(x)));
      tf.dispose([x, y]);
    }
    console.log(JSON.stringify({ seed, beam, ...judge(found, test) }));
    if (beam === 5 && seed === 0 && name === 'ding') {
      for (const [i, pair] of test.slice(0, 5).entries()) {
        console.log([pair.target, found[i]].map((ids) => ids.map((id) => data.targetVocabulary.tokens[id]).join(' ')));
      }
    }
    model.dispose();
  }
}
if (name === 'cmudict') {
  for (const { neighbours, predict } of letterTables(await pairsOf(data.train))) {
    console.log(JSON.stringify({ neighbours, ...errors(test.map(({ source }) => predict(source)), test) })); // prettier-ignore
  }
}
