import { cellsOf, columnsOf } from './table.js';
import type { MethodSummary } from './summary.js';

export interface Section {
  readonly heading: string;
  readonly svg: string;
  /** What the plot shows, in a sentence or two. */
  readonly caption: string;
}

export interface ReportPage {
  readonly title: string;
  /** Paragraphs above the results: what was run, and how. */
  readonly introduction: readonly string[];
  /** Sentences above everything else: runs that are in no average, and why. */
  readonly warnings: readonly string[];
  readonly summaries: readonly MethodSummary[];
  readonly sections: readonly Section[];
  /** Headed paragraphs below the plots. */
  readonly notes: readonly { readonly heading: string; readonly text: string }[];
  /** Versions and settings, shown small at the end. */
  readonly facts: Readonly<Record<string, string>>;
}

const style = `
  :root { color-scheme: light; font: 16px/1.55 system-ui, sans-serif; color: #1c2733; background: #f6f8fa; }
  body { margin: 0 auto; padding: 2rem 1rem 4rem; max-width: 62rem; }
  h1 { font-size: 1.7rem; margin: 0 0 .5rem; }
  h2 { font-size: 1.15rem; margin: 0 0 .5rem; }
  p { margin: .4rem 0; max-width: 48rem; }
  section { background: white; border: 1px solid #e1e5ea; border-radius: 8px; padding: 1.1rem 1.3rem; margin: 1.2rem 0; overflow-x: auto; }
  svg { max-width: 100%; height: auto; display: block; }
  table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
  th, td { padding: .4rem .8rem; border-bottom: 1px solid #e1e5ea; text-align: right; white-space: nowrap; }
  th:first-child, td:first-child { text-align: left; padding-left: 0; }
  th { font-weight: 600; font-size: .85rem; color: #51606f; }
  dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; font-size: .85rem; color: #51606f; margin: 0; }
  dd { margin: 0; overflow-wrap: anywhere; }
  .warning { border-left: 4px solid #d55e00; background: #fff4ec; padding: .5rem .8rem; overflow-wrap: anywhere; }
  .caption { font-size: .9rem; color: #51606f; }
`;

/** The report as one HTML file that needs nothing else: no script, no font, no network. */
export function htmlPage(page: ReportPage): string {
  const warnings = page.warnings.map((text) => `<p class="warning">${escape(text)}</p>`);
  const heading = [`<h1>${escape(page.title)}</h1>`, ...warnings, ...page.introduction.map(paragraph)].join('\n');
  const plots = page.sections.map(
    ({ heading, svg, caption }) =>
      `<section><h2>${escape(heading)}</h2>\n${svg}\n<p class="caption">${escape(caption)}</p></section>`,
  );
  const notes = page.notes.map(({ heading, text }) => `<p><strong>${escape(heading)}.</strong> ${escape(text)}</p>`);
  const facts = Object.entries(page.facts).map(([name, value]) => `<dt>${escape(name)}</dt><dd>${escape(value)}</dd>`);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(page.title)}</title>
<style>${style}</style>
</head>
<body>
${heading}
<section><h2>Results</h2>
${table(page.summaries)}
</section>
${plots.join('\n')}
${notes.length > 0 ? `<section><h2>How to read this</h2>\n${notes.join('\n')}\n</section>` : ''}
<section><h2>Settings</h2>
<dl>${facts.join('\n')}</dl>
</section>
</body>
</html>
`;
}

function table(summaries: readonly MethodSummary[]): string {
  const row = (cells: readonly string[], tag: 'th' | 'td'): string =>
    `<tr>${cells.map((cell) => `<${tag}>${escape(cell)}</${tag}>`).join('')}</tr>`;
  const columns = columnsOf(summaries);
  const body = summaries.map((summary) => row(cellsOf(summary, columns), 'td'));
  return `<table>\n<thead>${row(columns, 'th')}</thead>\n<tbody>\n${body.join('\n')}\n</tbody>\n</table>`;
}

function paragraph(text: string): string {
  return `<p>${escape(text)}</p>`;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] as string);
}
