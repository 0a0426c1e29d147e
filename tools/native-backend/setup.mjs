// Makes @tensorflow/tfjs-node loadable: the workspace's postinstall script. It never fails the install, takes the first
// route that works, and says in one line what it did or what is missing.
//   --quick                     trust what the last set-up found, if nothing has changed (npm start, npm test)
//   FLATMIN_NATIVE_BACKEND=off  do nothing
import fs from 'node:fs';
import { remember, remembered, tryBinding } from './check.mjs';
import { cachedBuilds, findPackage, link } from './layout.mjs';
import { installOfficial } from './official.mjs';
import { buildFromWheel } from './wheel.mjs';

const started = performance.now();

/** The routes that make a new build, in the order in which they are tried. */
const ROUTES = [
  { kind: 'official', name: 'official installer', build: installOfficial },
  { kind: 'wheel', name: 'wheel', build: buildFromWheel },
];

async function setUp(quick) {
  if (process.env.FLATMIN_NATIVE_BACKEND === 'off') return 'off, because FLATMIN_NATIVE_BACKEND=off';
  const pkg = findPackage();
  if (!pkg) return 'not available: the optional package @tensorflow/tfjs-node is not installed; wasm or cpu serves';
  const last = quick ? remembered(pkg) : undefined;
  if (last) return last.works ? `${last.line} (unchanged)` : `${last.line} (\`npm run postinstall\` tries again)`;
  const { works, line } = await takeFirstRoute(pkg);
  remember(pkg, works, line);
  return line;
}

async function takeFirstRoute(pkg) {
  const installed = tryBinding(pkg);
  if (installed) return { works: true, line: `ready: ${installed}, already installed` };
  for (const build of cachedBuilds(pkg.version)) {
    const version = useBuild(pkg, build);
    if (version) return { works: true, line: `ready: ${version}, from the cache` };
  }
  const failures = [];
  for (const { kind, name, build } of ROUTES) {
    try {
      await build(pkg);
      const version = useBuild(
        pkg,
        cachedBuilds(pkg.version).find((candidate) => candidate.kind === kind),
      );
      if (version) return { works: true, line: `ready: ${version}, from the ${name}` };
      failures.push(`${name}: what it gave does not load`);
    } catch (error) {
      failures.push(`${name}: ${error.message}`);
    }
  }
  return { works: false, line: `not available, wasm or cpu serves (${failures.join('; ')})` };
}

function useBuild(pkg, build) {
  if (!fs.existsSync(build.binding)) return undefined;
  link(pkg.binding, build.binding);
  const version = tryBinding(pkg);
  // A link that does not load would be worse than none: it may end the process that tries.
  if (!version) fs.rmSync(pkg.binding);
  return version;
}

const line = await setUp(process.argv.includes('--quick')).catch((error) => `not available: ${error.message}`);
console.log(`native backend ${line} [${((performance.now() - started) / 1000).toFixed(1)} s]`);
