// Ranges of versions: they begin with a caret, but for those of development, which are exact.
const fs = require('node:fs');
const path = require('node:path');

/** What a caret keeps fixed: `1` of 1.2.3, `0.2` of 0.2.3, `0.0.3` of 0.0.3. */
function compatiblePart(version) {
  const [major, minor, patch] = version.split('.');
  if (major !== '0') return major;
  return minor === '0' ? `0.0.${patch}` : `0.${minor}`;
}

/** Whether a version is a breaking one for whoever asks for this range. */
function breaks(range, version) {
  return compatiblePart(range.replace('^', '')) !== compatiblePart(version);
}

/**
 * Raises the ranges of the packages in docs/examples that no longer admit what is in the workspace; their tests run on
 * that.
 *
 * @param manifests where the manifest of each package is, by its name.
 * @returns the files that changed.
 */
function raiseExamples(root, manifests) {
  const examples = path.join('docs', 'examples');
  const files = fs.readdirSync(path.join(root, examples)).map((name) => path.join(examples, name, 'package.json'));
  return files.filter((file) => fs.existsSync(path.join(root, file)) && raise(root, file, manifests));
}

function raise(root, file, manifests) {
  const read = (each) => JSON.parse(fs.readFileSync(path.join(root, each), 'utf8'));
  const example = read(file);
  let raised = false;
  for (const kind of ['dependencies', 'devDependencies', 'peerDependencies']) {
    for (const [name, range] of Object.entries(example[kind] ?? {})) {
      const version = manifests.has(name) ? read(manifests.get(name)).version : undefined;
      if (version === undefined || !breaks(range, version)) continue;
      example[kind][name] = `^${version}`;
      raised = true;
    }
  }
  if (raised) fs.writeFileSync(path.join(root, file), `${JSON.stringify(example, undefined, 2)}\n`);
  return raised;
}

module.exports = { breaks, raiseExamples };
