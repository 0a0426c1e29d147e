// What takes long starts first, so that both workers are busy to the end. Jest does so by its cache, which a fresh
// clone does not have.
const { default: Sequencer } = require('@jest/test-sequencer');

/** Longest first: what takes a minute of a processor, and the kits of the variants, of 15 to 30 seconds each. */
const long = [
  /tools\/e2e\/e2e\.spec/,
  /tools\/generators\/generated\.spec/,
  /create-flatmin-plugin\/src\/generated\.spec/,
  /lets\/src\/conformance\.spec/,
  /(cli|experiments)\/src\/(command|compare|queue|afterwards|run)\/(kill|manyMachines|compare|runFolders|afterwards|commands|guide|plugins|realData|textModels)\.spec/,
  /tools\/docs\/(readmes|examples)\.spec/,
  /tools\/site\/site\.spec/,
  /conformance\/src\/conformance\.spec/,
  /conformance\.spec/,
  /models\/.*\.spec/,
];

const rankOf = ({ path }) => {
  const place = long.findIndex((pattern) => pattern.test(path.replaceAll('\\', '/')));
  return place < 0 ? long.length : place;
};

class LongestFirst extends Sequencer {
  sort(tests) {
    const sorted = super.sort(tests);
    // Where jest knows the times of all, it knows better.
    if (sorted.every(({ duration }) => duration !== undefined)) return sorted;
    return sorted.toSorted((a, b) => rankOf(a) - rankOf(b));
  }
}
module.exports = LongestFirst;
