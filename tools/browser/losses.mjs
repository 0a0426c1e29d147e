// Trains in Node with the code of docs/examples/browser, and prints the first points of two runs as JSON:
// `node tools/browser/losses.mjs METHOD RADIUS METHOD RADIUS`
import { exampleInNode } from './exampleInNode.mjs';

const { methodOf, Session } = await exampleInNode();
const [idA, radiusA, idB, radiusB] = process.argv.slice(2);
const settings = [
  [idA, radiusA],
  [idB, radiusB],
].map(([id, radius]) => ({ method: methodOf(id), radius: Number(radius), learningRate: 0.1, noise: 0.2, epochs: 1 }));
const points = [];
const watcher = (run) => ({
  onStep: () => undefined,
  onSlice: () => undefined,
  onFailure: (error) => console.error(error),
  onPoint: (point) => {
    points[run] ??= point;
    if (points[0] && points[1]) void session.stop();
  },
});
const session = await Session.begin(settings, [watcher(0), watcher(1)]);
await session.ended;
console.log(JSON.stringify(points));
