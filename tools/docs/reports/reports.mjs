import { CompilerState, Extractor, ExtractorConfig } from '@microsoft/api-extractor';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { canonical } from './canonical.mjs';
import { codeOf, exportedAny, withCode } from './reportCode.mjs';

/**
 * The options of tsconfig.base.json that declarations need, without `@flatmin/source`: what is read is what is
 * published.
 */
const compilerOptions = {
  target: 'ES2022',
  lib: ['ES2023'],
  module: 'nodenext',
  moduleResolution: 'nodenext',
  strict: true,
  skipLibCheck: true,
  types: ['node'],
};

/**
 * What is an error. Release tags are not used: what is exported is public. Doc comments are TypeScript's, not TSDoc's.
 *
 * @type {any} of an enum, whose values are these words
 */
const messages = {
  compilerMessageReporting: { default: { logLevel: 'error' } },
  extractorMessageReporting: {
    default: { logLevel: 'error' },
    'ae-missing-release-tag': { logLevel: 'none' },
    'ae-undocumented': { logLevel: 'none' },
    'ae-unresolved-link': { logLevel: 'none' },
  },
  tsdocMessageReporting: { default: { logLevel: 'none' } },
};

function configOf({ folder, report, types }, root, written) {
  const projectFolder = path.join(root, folder);
  return ExtractorConfig.prepare({
    configObject: {
      projectFolder,
      mainEntryPointFilePath: types,
      newlineKind: 'lf',
      compiler: { overrideTsconfig: { compilerOptions, files: [types] } },
      apiReport: {
        enabled: true,
        reportFileName: path.basename(report, '.api.md'),
        reportFolder: path.join(root, path.dirname(report)),
        reportTempFolder: written,
      },
      messages,
    },
    configObjectFullPath: undefined,
    packageJsonFullPath: path.join(projectFolder, 'package.json'),
  });
}

function exportedNames(program, file) {
  const checker = program.getTypeChecker();
  const module = checker.getSymbolAtLocation(program.getSourceFile(file));
  return module === undefined ? [] : checker.getExportsOfModule(module).map(({ name }) => name);
}

/** The name that a message says is used and not exported; API Extractor tells names of two files apart by `_2`. */
const forgotten = (text) => /^The symbol "(\w+?)(?:_\d+)?" needs to be exported/.exec(text)?.[1];

/**
 * The report of one entry point, and what is wrong with what it exports.
 *
 * @param elsewhere names that other entry points of the package export: `./node` may use the types of `.`.
 */
function reportOf(entry, config, { compilerState, elsewhere, written }) {
  const problems = [];
  Extractor.invoke(config, {
    compilerState,
    localBuild: false,
    messageCallback: (message) => {
      message.handled = true;
      if (message.logLevel !== 'error' || elsewhere.has(forgotten(message.text))) return;
      problems.push(message.formatMessageWithLocation(config.projectFolder));
    },
  });
  const report = readFileSync(path.join(written, path.basename(entry.report)), 'utf8');
  const text = withCode(report, canonical(codeOf(report)));
  return { ...entry, text, problems: [...problems, ...exportedAny(text)] };
}

/**
 * What every entry point exports, as API Extractor tells it. All of them share one TypeScript program.
 *
 * @param entries of `entryPoints`.
 * @param root of the repository, built.
 */
export function reportsOf(entries, root) {
  const cache = path.join(root, 'node_modules/.cache');
  mkdirSync(cache, { recursive: true });
  const written = mkdtempSync(path.join(cache, 'api-'));
  try {
    const configs = entries.map((entry) => configOf(entry, root, written));
    const compilerState = CompilerState.create(configs[0], {
      additionalEntryPoints: entries.map(({ types }) => types),
    });
    return entries.map((entry, i) => {
      const others = entries.filter(({ name, types }) => name === entry.name && types !== entry.types);
      const elsewhere = new Set(others.flatMap(({ types }) => exportedNames(compilerState.program, types)));
      return reportOf(entry, configs[i], { compilerState, elsewhere, written });
    });
  } finally {
    rmSync(written, { recursive: true });
  }
}
