// tfjs-node's own installer, run on a copy of the package in the cache instead of in node_modules.
import fs from 'node:fs';
import path from 'node:path';
import { run } from './commands.mjs';
import { NODE_API, ROOT, buildFolder } from './layout.mjs';
import { publishBuild } from './publish.mjs';

/** The same variables the installer reads for a mirror. */
const HOST =
  process.env.TFJS_NODE_CDN_STORAGE ||
  process.env.npm_config_TFJS_NODE_CDN_STORAGE ||
  process.env.CDN_STORAGE ||
  'https://storage.googleapis.com/';

export async function installOfficial(pkg) {
  await probe();
  await publishBuild(buildFolder('official', pkg.version), (work) => {
    for (const part of ['package.json', 'scripts', 'binding', 'binding.gyp']) {
      fs.cpSync(path.join(pkg.folder, part), path.join(work, part), { recursive: true });
    }
    const modules = path.join(ROOT, 'node_modules');
    run(process.execPath, ['scripts/install.js'], {
      cwd: work,
      timeout: 300_000,
      env: {
        ...process.env,
        NODE_PATH: [path.join(pkg.folder, 'node_modules'), modules].join(path.delimiter),
        PATH: [path.join(modules, '.bin'), process.env.PATH].join(path.delimiter),
      },
    });
    if (!fs.existsSync(path.join(work, 'lib', `napi-v${NODE_API}`, 'tfjs_binding.node'))) {
      throw new Error('it finished without a binding');
    }
  });
}

// Without this an unreachable host holds the install up for minutes. Behind a proxy only the installer knows the way.
async function probe() {
  if (process.env.HTTPS_PROXY || process.env.https_proxy) return;
  try {
    await fetch(HOST, { method: 'HEAD', signal: AbortSignal.timeout(5000) });
  } catch (error) {
    throw new Error(`${new URL(HOST).host} cannot be reached (${error.cause?.code ?? error.name})`, { cause: error });
  }
}
