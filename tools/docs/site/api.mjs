// Writes the pages of the API, one for each symbol of each entry of each package, to docs/reference/api. A warning is a
// failure.
import path from 'node:path';
import { Application, Comment, LogLevel } from 'typedoc';
import { entriesOf, publishedPackages, repository, umbrella } from '../../packages.mjs';
import { ROOT as root } from '../../setup/steps.mjs';

const out = path.join(root, 'docs/reference/api');

// What several entries export is described where it comes first: in its own package, not in the one that has all of
// them.
const packages = publishedPackages();
const entries = [
  ...packages.filter(({ manifest }) => manifest.name !== umbrella),
  ...packages.filter(({ manifest }) => manifest.name === umbrella),
].flatMap(({ folder, manifest }) =>
  entriesOf({ manifest })
    // What is called internal promises nothing.
    .filter(({ name, source }) => source !== undefined && !name.endsWith('/internal'))
    .map(({ name, source = '' }) => ({ name, description: manifest.description, source: path.join(folder, source) })),
);

const options = {
  name: 'API',
  entryPoints: entries.map(({ source }) => source),
  tsconfig: path.join(import.meta.dirname, 'tsconfig.json'),
  sortEntryPoints: false,
  basePath: root,
  plugin: ['typedoc-plugin-markdown'],
  out,
  entryFileName: 'index.md',
  logLevel: LogLevel.Warn,
  // Types are checked by `tsc -b`, of which this would be a second time.
  skipErrorChecking: true,
  validation: { invalidLink: true, invalidPath: true, rewrittenLink: true, unusedMergeModuleWith: true },
  excludeInternal: true,
  readme: 'none',
  disableGit: true,
  // {path} is from the folder that holds all entries.
  sourceLinkTemplate: `${repository}/blob/main/packages/{path}#L{line}`,
  router: 'member',
  groupOrder: ['Functions', 'Classes', 'Interfaces', 'Type Aliases', 'Variables', '*'],
  excludeScopesInPaths: true,
  useHTMLAnchors: true,
  anchorPrefix: 'api-',
  hidePageHeader: true,
  hideBreadcrumbs: true,
  indexFormat: 'table',
  parametersFormat: 'table',
  interfacePropertiesFormat: 'table',
  classPropertiesFormat: 'table',
  typeDeclarationFormat: 'table',
  propertyMembersFormat: 'table',
  tableColumnSettings: { hideDefaults: true, hideModifiers: true, hideSources: true },
};

/** Modules bear the names by which they are imported, and the descriptions of their packages. */
function nameModules(project) {
  const bySource = new Map(entries.map((entry) => [entry.source, entry]));
  for (const module of project.children) {
    const { name, description } = bySource.get(module.sources[0].fullFileName) ?? module;
    module.name = name;
    module.comment ??= new Comment([{ kind: 'text', text: description }]);
  }
}

/** What nearly everybody looks for. */
const first = [umbrella, 'createOptimizer', 'compile'];

/** Puts those at the head of their lists, and leaves the rest in its order. */
function putFirst(project) {
  const rank = ({ name }) => (first.indexOf(name) + first.length + 1) % (first.length + 1);
  const sort = (list) => list?.sort((a, b) => rank(a) - rank(b));
  for (const each of [project, ...project.children]) {
    sort(each.children);
    each.groups?.forEach(({ children }) => sort(children));
  }
}

const app = await Application.bootstrapWithPlugins(options);
const project = await app.convert();
if (project !== undefined) {
  nameModules(project);
  putFirst(project);
  app.validate(project);
  await app.generateOutputs(project);
}
if (project === undefined || app.logger.hasErrors() || app.logger.hasWarnings()) process.exitCode = 1;
