import ts from 'typescript';

const fence = /(?<=```ts\n)[\s\S]*?(?=```)/;

/** The declarations of a report. */
export const codeOf = (report) => fence.exec(report)?.[0] ?? '';

/** The report with other declarations. */
export const withCode = (report, code) => report.replace(fence, () => code);

/** Every `any` in the code of a report, with the declaration it stands in; comments and names do not count. */
export function exportedAny(report) {
  const source = ts.createSourceFile('report.d.ts', codeOf(report), ts.ScriptTarget.ES2022, true);
  const found = [];
  const visit = (node, statement) => {
    if (node.kind === ts.SyntaxKind.AnyKeyword) {
      found.push(`any in what is exported: ${statement.getText().split('\n')[0]}`);
    }
    ts.forEachChild(node, (child) => visit(child, statement));
  };
  source.statements.forEach((statement) => visit(statement, statement));
  return found;
}
