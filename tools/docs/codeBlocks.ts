import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

export interface CodeBlock {
  /** The file it stands in, from the root, and the line it begins at. */
  readonly place: string;
  /** Plain JavaScript, an ES module. */
  readonly code: string;
}

// `api` is made from the sources' own comments, whose pieces are for reading.
const skipped = new Set(['node_modules', 'dist', '.git', '.nx', 'runs', 'coverage', 'api']);

/**
 * Every Markdown file of the project below a folder, but for the API reports (`npm run api`), whose code is
 * declarations.
 */
export function markdownFiles(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => !skipped.has(name))
    .flatMap((name) => {
      const file = path.join(folder, name);
      if (statSync(file).isDirectory()) return markdownFiles(file);
      return name.endsWith('.md') && !name.endsWith('.api.md') ? [file] : [];
    });
}

/**
 * The JavaScript and TypeScript blocks of a Markdown file. The blocks of one file run one after the other as one
 * module, as its reader would type them; a block marked `ts fragment` shows a piece and is left out.
 */
export function moduleOf(file: string, root: string): CodeBlock | undefined {
  const blocks = [...readFileSync(file, 'utf8').matchAll(/^```(js|ts|javascript|typescript)\n([\s\S]*?)^```/gm)];
  if (blocks.length === 0) return undefined;
  const source = blocks.map(([, , code]) => code).join('\n');
  const { outputText } = ts.transpileModule(source, {
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
  });
  return { place: path.relative(root, file), code: outputText };
}
