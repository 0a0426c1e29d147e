// How a release writes versions and ranges: Nx's own way for npm packages, with one rule of ours: what breaks in a
// package breaks in the packages built on it. CommonJS, because Nx loads it with `require`.
const { readJson } = require('@nx/devkit');
const {
  default: NpmVersionActions,
  afterAllProjectsVersioned: updateLockFile,
} = require('@nx/js/src/release/version-actions');
const { breaks, raiseExamples } = require('./ranges.cjs');

/** Where the manifest of each package of this release is, by the package's name. */
const manifests = new Map();

class FlatminVersionActions extends NpmVersionActions {
  async init(tree) {
    await super.init(tree);
    this.tree = tree;
    this.manifest = `${this.projectGraphNode.data.root}/package.json`;
    manifests.set(readJson(tree, this.manifest).name, this.manifest);
  }

  /**
   * Nx alone gives every dependent a patch. But its users meet the new core, or the new numbers of a trajectory, too,
   * and a peer range that moves to another core in a patch tears the tree of whoever runs `npm update` apart.
   */
  async calculateNewVersion(currentVersion, input, reason, reasonData, preid) {
    const broken = reason === 'USER_SPECIFIER' ? undefined : this.dependencyThatBreaks();
    const bump = broken ? 'major' : input;
    const result = await super.calculateNewVersion(currentVersion, bump, reason, reasonData, preid);
    return broken ? { ...result, logText: `${result.logText} (it depends on ${broken}, which breaks)` } : result;
  }

  /** Nx goes through the packages in an order in which what this one depends on has its new version by now. */
  dependencyThatBreaks() {
    const { dependencies, optionalDependencies, peerDependencies } = readJson(this.tree, this.manifest);
    const all = { ...dependencies, ...optionalDependencies, ...peerDependencies };
    const inRelease = Object.entries(all).filter(([name]) => manifests.has(name));
    return inRelease.find(([name, range]) => breaks(range, readJson(this.tree, manifests.get(name)).version))?.[0];
  }
}

/**
 * What follows once the manifests are written: package-lock.json, and the examples, which are not part of the
 * workspace.
 */
async function afterAllProjectsVersioned(root, options) {
  const { changedFiles, deletedFiles } = await updateLockFile(root, options);
  return { changedFiles: [...changedFiles, ...(options.dryRun ? [] : raiseExamples(root, manifests))], deletedFiles };
}

module.exports = { default: FlatminVersionActions, afterAllProjectsVersioned };
