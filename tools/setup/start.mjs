// `npm start`: from a fresh clone to the quick start. Arguments after `--` go to it.
import './requirements.mjs';
import path from 'node:path';
import { prepare } from './prepare.mjs';
import { ROOT, main, show } from './steps.mjs';

await main(async () => {
  await prepare();
  const program = path.join(ROOT, 'packages/flatmin/dist/bin.js');
  return show(process.execPath, [program, 'quickstart', ...process.argv.slice(2)]);
});
