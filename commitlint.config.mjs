// Commits are conventional: versions and changelogs are made from them. `npx commitlint --from origin/main` checks a
// branch.
import { publishedPackages } from './tools/packages.mjs';

const packageNames = publishedPackages().map(({ manifest }) => manifest.name.replace(/^@flatmin\//, ''));

/** Under a scope that is not a package, a breaking commit would be released as a patch. */
function breakingScope({ scope, header, notes }) {
  const breaks = /^[^:]*!:/.test(header ?? '') || notes.some(({ title }) => /^BREAKING[ -]CHANGE$/.test(title));
  const unknown = (scope?.split(',') ?? []).filter((each) => !packageNames.includes(each.trim()));
  return [!breaks || unknown.length === 0, `a breaking commit has packages as its scope, and ${unknown} is not one`];
}

export default {
  extends: ['@commitlint/config-conventional'],
  plugins: [{ rules: { 'breaking-scope': breakingScope } }],
  rules: {
    'breaking-scope': [2, 'always'],
    // As wide as every other line here.
    'header-max-length': [2, 'always', 120],
    'body-max-line-length': [2, 'always', 120],
    'footer-max-line-length': [2, 'always', 120],
  },
};
