// The registry's process: `fork` it with a folder, the upstream registry, and the names that are never looked up there.
// Sends its port, and ends with its parent, however that one ends.
import path from 'node:path';
import { runServer } from 'verdaccio';

const [folder, upstream, ...ourNames] = process.argv.slice(2);
const ours = Object.fromEntries(ourNames.map((name) => [name, { access: '$all', publish: '$all' }]));

const server = await runServer({
  self_path: folder,
  storage: path.join(folder, 'storage'),
  auth: { htpasswd: { file: path.join(folder, 'users') } },
  uplinks: { upstream: { url: upstream, timeout: '60s', maxage: '1h' } },
  // No `proxy` for ours: what is not published here is not found, even once it is on npm.
  packages: { ...ours, '**': { access: '$all', proxy: 'upstream' } },
  web: { enable: false },
  log: { type: 'stdout', format: 'pretty', level: 'warn' },
});
server.listen(0, '127.0.0.1', () => process.send?.(server.address().port));
process.once('disconnect', () => process.exit());
