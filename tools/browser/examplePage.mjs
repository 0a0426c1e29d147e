// Builds docs/examples/browser as its own script does, and serves it on 127.0.0.1.
import { spawnSync } from 'node:child_process';
import { createReadStream, existsSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';
import { ROOT } from '../setup/steps.mjs';

export const example = path.join(ROOT, 'docs/examples/browser');

/** Runs `npm run build` of the example into a folder; what it prints is an error. */
export function buildExample(outdir) {
  const args = ['run', '--silent', 'build', '--', `--outdir=${outdir}`];
  const { status, stderr, stdout } = spawnSync('npm', args, { cwd: example, encoding: 'utf8', timeout: 60_000 });
  if (status !== 0 || stderr !== '') throw new Error(`npm ${args.join(' ')} ended with ${status}:\n${stdout}${stderr}`);
}

const types = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.wasm': 'application/wasm',
  '.map': 'application/json',
};

/** Serves the files of one folder, and nothing below it, under whatever path. */
export async function serve(folder) {
  const server = createServer(({ url = '/' }, response) => {
    const name = new URL(url, 'http://127.0.0.1').pathname.split('/').at(-1) || 'index.html';
    const file = path.join(folder, name);
    if (!existsSync(file)) return void response.writeHead(404).end();
    response.writeHead(200, { 'content-type': types[path.extname(name)] ?? 'application/octet-stream' });
    createReadStream(file).pipe(response);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const close = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return { url: `http://127.0.0.1:${port}/`, close };
}
