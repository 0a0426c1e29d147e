// What threads bring when images are decoded: `node tools/bench/imageFolder.mjs [rounds]`. Seconds for an epoch of 128
// JPEG files of 500 x 375 pixels in batches of 16, median and range over rounds in turn: read alone, and beside a loop
// that computes for 400 ms a batch, as training does.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { loadBackend } from '@flatmin/backend';
import { RandomStream } from '@flatmin/core';
import { imageFolder } from '@flatmin/dataset-image-folder';

const rounds = Number(process.argv[2] ?? 5);
const [width, height, count, batchSize] = [500, 375, 128, 16];
const packages = createRequire(new URL('../../packages/datasets/image-folder/package.json', import.meta.url));
const { encode } = packages('jpeg-js');
const { tf } = await loadBackend('cpu');

/** Waves and noise, so that the file is as large as a photograph's. */
function photograph(seed) {
  const noise = new RandomStream(seed).generator();
  const data = new Uint8Array(width * height * 4).fill(255);
  for (let i = 0; i < width * height; i++) {
    const [x, y] = [i % width, Math.floor(i / width)];
    for (let c = 0; c < 3; c++) {
      data[4 * i + c] = 128 + 60 * Math.sin(x / (9 + c)) + 40 * Math.cos(y / (7 + c)) + 20 * noise();
    }
  }
  return encode({ width, height, data }, 90).data;
}

const dir = await mkdtemp(path.join(tmpdir(), 'images-'));
for (const name of ['ant', 'bee']) {
  await mkdir(path.join(dir, name));
  const file = photograph(name.length);
  for (let i = 0; i < count / 2; i++) await writeFile(path.join(dir, name, `${i}.jpg`), file);
}

function compute(milliseconds) {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

async function epoch(workers, busy) {
  const { train } = await imageFolder({ dir, workers, memory: 0, validation: 0, testFraction: 0 });
  const start = performance.now();
  for await (const { x, y } of train.batches({ batchSize })) {
    compute(busy);
    tf.dispose([x, y]);
  }
  return (performance.now() - start) / 1000;
}

const cases = [0, 400].flatMap((busy) =>
  [0, 1, 2].map((workers) => ({ busy, workers, seconds: /** @type {number[]} */ ([]) })),
);
for (let round = -1; round < rounds; round++) {
  for (const each of cases) {
    const seconds = await epoch(each.workers, each.busy);
    // The first round warms up.
    if (round >= 0) each.seconds.push(seconds);
  }
}
for (const { busy, workers, seconds } of cases) {
  seconds.sort((a, b) => a - b);
  const places = [0, Math.floor(rounds / 2), rounds - 1];
  const [least, median, most] = places.map((place) => seconds[place].toFixed(2));
  console.log(`${busy ? 'beside training' : 'reading alone'}, ${workers} threads: ${median} s (${least} to ${most})`);
}
await rm(dir, { recursive: true });
