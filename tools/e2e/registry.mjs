// A registry on this machine that holds every package as it would be published.
import { fork, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { copyLicenses } from '../release/licenses.mjs';
import { packagesIn, publishedPackages } from '../packages.mjs';
import { ROOT } from '../setup/steps.mjs';
import { cleanEnvironment, run } from './processes.mjs';

/** Packages that others would publish, as the examples show. */
export const strangers = packagesIn(['docs/examples']).filter(({ manifest }) => !manifest.private);

/**
 * What the machine's own npm uses: its registry, with the certificates for it, and its cache, which spares downloads.
 */
export async function machineSettings() {
  const output = await run('npm', ['config', 'get', 'registry', 'cafile', 'cache'], { cwd: ROOT, env: process.env });
  const setting = (name) => new RegExp(`^${name}=(.*)$`, 'm').exec(output)?.[1];
  return { registry: setting('registry'), certificates: setting('cafile'), cache: setting('cache') };
}

/** Why packages of others cannot be had from the machine's registry, or undefined if they can. */
export function unreachable() {
  const args = ['view', '@tensorflow/tfjs', 'version', '--fetch-retries=1', '--fetch-timeout=20000'];
  const { error, status, stderr } = spawnSync('npm', args, { cwd: ROOT, encoding: 'utf8', timeout: 60_000 });
  if (status === 0) return undefined;
  return error?.message ?? /^npm error (?!code|syscall|errno)(.+)$/m.exec(stderr)?.[1] ?? stderr.trim();
}

/** Starts the registry in `folder`. */
export async function startRegistry(folder, settings) {
  fs.mkdirSync(folder, { recursive: true });
  const names = [...publishedPackages(), ...strangers].map(({ manifest }) => manifest.name);
  const ours = ['@flatmin/*', ...names.filter((name) => !name.startsWith('@flatmin/'))];
  const program = path.join(import.meta.dirname, 'verdaccio.mjs');
  const server = fork(program, [folder, settings.registry, ...ours], {
    env: {
      ...(settings.certificates === 'null' ? {} : { NODE_EXTRA_CA_CERTS: settings.certificates }),
      ...cleanEnvironment(),
    },
    silent: true,
    execArgv: [],
  });
  const port = await portOf(server);
  const url = `http://127.0.0.1:${port}/`;
  // npm publishes only as somebody; this registry does not mind who it is.
  const userconfig = path.join(folder, 'npmrc');
  fs.writeFileSync(userconfig, `registry=${url}\n//127.0.0.1:${port}/:_authToken=anybody\n`);
  const npm = (args, cwd) => run('npm', [...args, `--userconfig=${userconfig}`, `--cache=${settings.cache}`], { cwd });
  return { folder, npm, stop: () => stop(server) };
}

function portOf(server) {
  let output = '';
  for (const stream of [server.stdout, server.stderr]) stream.on('data', (chunk) => (output += chunk));
  return new Promise((resolve, reject) => {
    const fail = (reason) => reject(new Error(`Verdaccio did not start: ${reason}\n${output}`));
    setTimeout(fail, 60_000, 'no port after 60 s').unref();
    server.once('message', resolve);
    server.once('exit', (code) => fail(`it ended with code ${code}`));
  });
}

function stop(server) {
  if (server.exitCode !== null) return undefined;
  return new Promise((resolve) => {
    server.once('exit', resolve);
    server.kill('SIGKILL');
  });
}

/** Publishes every package of the workspace, and the strangers'. Provenance is for a CI that can vouch for itself. */
export async function publishAll({ npm }) {
  copyLicenses();
  const flags = ['--provenance=false', '--ignore-scripts', '--loglevel=error'];
  await npm(['publish', '--workspaces', ...flags], ROOT);
  for (const { folder } of strangers) await npm(['publish', ...flags], folder);
}

/** The archive of a published package, as the registry keeps it. */
function tarballOf({ folder }, { name, version }) {
  return path.join(folder, 'storage', name, `${name.replace(/^@[^/]+\//, '')}-${version}.tgz`);
}

/** What is wrong with each published package: `{ own, publint, types }`, lists of sentences, by its name. */
export async function checkTarballs(registry, manifests) {
  const program = path.join(import.meta.dirname, 'tarballs.mjs');
  const names = manifests.map(({ name }) => name);
  const problems = JSON.parse(
    await run(process.execPath, [program, ...manifests.map((each) => tarballOf(registry, each))]),
  );
  return Object.fromEntries(names.map((name, i) => [name, problems[i]]));
}
