import ts from 'typescript';

/** Every `any` in the code of a report, with the declaration it stands in; comments and names do not count. */
export function exportedAny(report) {
  const code = /```ts\n([\s\S]*?)```/.exec(report)[1];
  const source = ts.createSourceFile('report.d.ts', code, ts.ScriptTarget.ES2022, true);
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
