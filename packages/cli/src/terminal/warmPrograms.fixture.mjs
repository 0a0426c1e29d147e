// Runs one program after the other, as `node file arguments` would run each: see `warmNode.fixture.ts`.
import { pathToFileURL } from 'node:url';

const [, , endMark] = process.argv;
const seen = new Set();
/** Undefined: none runs. */
let program;

process.on('message', ({ file, args, cwd }) => {
  process.channel.unref();
  process.chdir(cwd);
  process.argv = [process.execPath, file, ...args];
  process.exitCode = undefined;
  const { href } = pathToFileURL(file);
  // A module is evaluated once, and a program whenever it is run; what it imports stays.
  const again = seen.has(href) ? `?run=${seen.size}-${performance.now()}` : '';
  seen.add(href);
  const running = { isEvaluated: false };
  program = running;
  // Where it throws, nobody catches it: the process ends as that of the program would.
  void import(href + again).then(() => (running.isEvaluated = true));
});

// When nothing is left to do, the process of the program would end.
process.on('beforeExit', async () => {
  if (program === undefined) return;
  // 13: an `await` that nothing will resolve.
  const code = program.isEvaluated ? (process.exitCode ?? 0) : 13;
  program = undefined;
  process.exitCode = undefined;
  process.channel.ref();
  await forget();
  for (const stream of [process.stdout, process.stderr]) stream.write(`${endMark}${code}\n`);
});

/** What the program did to TensorFlow.js that it would have taken along: its variables, and the choice of a backend. */
async function forget() {
  const backend = globalThis._tfengine?.backendName;
  if (backend === undefined) return;
  const tf = await import('@tensorflow/tfjs');
  const engine = tf.engine();
  engine.state.dispose();
  engine.state = new engine.state.constructor();
  if (backend !== 'cpu') await tf.setBackend('cpu');
}
