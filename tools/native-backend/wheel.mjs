// TensorFlow out of its Python wheel, and tfjs-node's two source files compiled against it. Needs pip and a C++
// compiler, and gives a TensorFlow twelve releases younger than the official installer's.
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { firstThatRuns, run } from './commands.mjs';
import { NODE_API, ROOT, TENSORFLOW, buildFolder } from './layout.mjs';
import { publishBuild } from './publish.mjs';

const LIBRARIES = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'];

export async function buildFromWheel(pkg) {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error(`the wheel is for linux-x64, this is ${process.platform}-${process.arch}`);
  }
  const python = firstThatRuns(['python3', 'python'], ['-m', 'pip', '--version']);
  if (!python) throw new Error('Python with pip is missing');
  const compiler = firstThatRuns([process.env.CXX, 'g++', 'clang++'].filter(Boolean), ['--version']);
  if (!compiler) throw new Error('a C++ compiler is missing (install g++)');
  const headers = findNodeHeaders();
  await publishBuild(buildFolder('wheel', pkg.version), (work) => {
    downloadWheel(python, work);
    run(python, [path.join(import.meta.dirname, 'unpack_wheel.py'), work, ...LIBRARIES]);
    compile(compiler, headers, pkg.folder, work);
    fs.rmSync(path.join(work, 'tensorflow'), { recursive: true });
  });
}

function downloadWheel(python, work) {
  const wheel = ['--python-version', '3.11', '--platform', 'manylinux_2_27_x86_64', `tensorflow-cpu==${TENSORFLOW}`];
  const quick = [
    '--no-deps',
    '--retries',
    '0',
    '--timeout',
    '30',
    '--only-binary=:all:',
    '--disable-pip-version-check',
  ];
  try {
    run(python, ['-m', 'pip', 'download', ...quick, ...wheel, '-d', work], { timeout: 600_000 });
  } catch (error) {
    throw new Error(`pip does not get tensorflow-cpu ${TENSORFLOW}: ${error.message}`, { cause: error });
  }
}

/** node-api-headers is a development dependency; without it, Node's own headers do if they lie beside the binary. */
function findNodeHeaders() {
  try {
    return createRequire(path.join(ROOT, 'package.json'))('node-api-headers').include_dir;
  } catch {
    const beside = path.resolve(path.dirname(process.execPath), '../include/node');
    if (fs.existsSync(path.join(beside, 'node_api.h'))) return beside;
    throw new Error('the Node-API headers are missing (install node-api-headers)');
  }
}

// Two objects: the binding itself, and the small addon in front of it that Node loads (quiet_start.cc says why).
function compile(compiler, headers, packageFolder, work) {
  const stubs = linkStubs(compiler, work);
  const build = (name, sources, includes, linking) => {
    const language = ['-shared', '-fPIC', '-O2', '-std=c++17', `-DNAPI_VERSION=${NODE_API}`];
    const folders = [headers, ...includes].flatMap((folder) => ['-I', folder]);
    run(compiler, [...language, ...folders, ...sources, '-o', path.join(work, name), ...linking]);
  };
  build(
    'tfjs_tensorflow.so',
    ['tfjs_backend.cc', 'tfjs_binding.cc'].map((file) => path.join(packageFolder, 'binding', file)),
    [path.join(work, 'tensorflow/include'), packageFolder],
    // `-z now`: a symbol that TensorFlow lacks is an error of loading, not of the first call.
    ['-Wl,-rpath,$ORIGIN', '-Wl,-z,now', '-Wl,--no-as-needed', '-L', stubs, ...LIBRARIES.map((name) => `-l:${name}`)],
  );
  build('tfjs_binding.node', [path.join(import.meta.dirname, 'quiet_start.cc')], [], ['-ldl']);
  fs.rmSync(stubs, { recursive: true });
}

// Linking against empty libraries of the same names takes 0.2 s, against the real ones 18 s.
function linkStubs(compiler, work) {
  const stubs = path.join(work, 'stubs');
  fs.mkdirSync(stubs);
  const empty = path.join(stubs, 'empty.cc');
  fs.writeFileSync(empty, '');
  for (const name of LIBRARIES) run(compiler, ['-shared', `-Wl,-soname,${name}`, empty, '-o', path.join(stubs, name)]);
  return stubs;
}
