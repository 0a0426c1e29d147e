import { escape } from './escape.js';
import { style } from './style.js';

export interface Figure {
  readonly heading: string;
  /** Drawn for a page, and for a phone. */
  readonly wide: string;
  readonly narrow: string;
  /** What it shows, in a sentence or two. */
  readonly caption: string;
}

/** A cell of the table; `note` stands small below. */
export interface PageCell {
  readonly text: string;
  readonly note?: string;
  /** Whether the note is good or bad news. */
  readonly tone?: 'better' | 'worse';
  readonly isOfMachine?: boolean;
}

export interface PageTask {
  /** Empty where there is one task. */
  readonly name: string;
  readonly heads: readonly string[];
  readonly rows: readonly (readonly PageCell[])[];
  readonly note: string;
  readonly figures: readonly Figure[];
}

export interface ReportPage {
  readonly title: string;
  /** What was found: the first thing that is read. */
  readonly verdict: readonly string[];
  /** Paragraphs above the results: what was run, and how. */
  readonly introduction: readonly string[];
  /** Sentences below the verdict: runs that are in no average, and why. */
  readonly warnings: readonly string[];
  /** Figures over all tasks. */
  readonly overview: readonly Figure[];
  readonly tasks: readonly PageTask[];
  /** Headed paragraphs below the figures. */
  readonly notes: readonly { readonly heading: string; readonly text: string }[];
  /** Versions and settings, shown small at the end. */
  readonly facts: Readonly<Record<string, string>>;
}

/** The report as one HTML file that needs nothing else: no script, no font, no network. */
export function htmlPage(page: ReportPage): string {
  const notes = page.notes.map(({ heading, text }) => `<p><strong>${escape(heading)}.</strong> ${escape(text)}</p>`);
  const facts = Object.entries(page.facts).map(([name, value]) => `<dt>${escape(name)}</dt><dd>${escape(value)}</dd>`);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escape(page.title)}</title>
<style>${style}</style>
</head>
<body>
<header>
<h1>${escape(page.title)}</h1>
${page.verdict.map((text) => paragraph(text, 'verdict')).join('\n')}
${page.warnings.map((text) => paragraph(text, 'warning')).join('\n')}
${page.introduction.map((text) => paragraph(text)).join('\n')}
${links(page.tasks)}
</header>
<main>
${page.overview.map(figure).join('\n')}
${page.tasks.map((task, i) => taskHtml(task, i)).join('\n')}
${notes.length > 0 ? `<section><h3>How to read this</h3>\n${notes.join('\n')}\n</section>` : ''}
<section><h3>Settings</h3>
<dl>${facts.join('\n')}</dl>
</section>
</main>
</body>
</html>
`;
}

function links(tasks: readonly PageTask[]): string {
  if (tasks.length < 2) return '';
  const items = tasks.map(({ name }, i) => `<li><a href="#task-${i + 1}">${escape(name)}</a></li>`);
  return `<nav aria-label="Tasks"><ul>${items.join('')}</ul></nav>`;
}

function taskHtml({ name, heads, rows, note, figures }: PageTask, i: number): string {
  const heading = name === '' ? '' : `<h2 id="task-${i + 1}">${escape(name)}</h2>\n`;
  const label = name === '' ? 'Results' : `Results: ${name}`;
  const head = heads.map((text) => `<th scope="col">${escape(text)}</th>`).join('');
  const body = rows.map(([first, ...cells]) => `<tr>${first ? rowHead(first) : ''}${cells.map(cell).join('')}</tr>`);
  // The table alone scrolls, and a keyboard reaches it.
  return `${heading}<section><h3>Results</h3>
<div class="scroll" role="region" aria-label="${escape(label)}" tabindex="0">
<table>
<thead><tr>${head}</tr></thead>
<tbody>
${body.join('\n')}
</tbody>
</table>
</div>
${note === '' ? '' : paragraph(note, 'note')}
</section>
${figures.map(figure).join('\n')}`;
}

function rowHead({ text, note }: PageCell): string {
  return `<th scope="row">${escape(text)}${note === undefined ? '' : `<small>${escape(note)}</small>`}</th>`;
}

function cell({ text, note, tone, isOfMachine }: PageCell): string {
  const small = note === undefined ? '' : `<small${tone ? ` class="${tone}"` : ''}>${escape(note)}</small>`;
  return `<td${isOfMachine ? ' class="machine"' : ''}>${escape(text)}${small}</td>`;
}

function figure({ heading, wide, narrow, caption }: Figure): string {
  return `<figure><h3>${escape(heading)}</h3>
<div class="wide">${wide}</div>
<div class="narrow">${narrow}</div>
<figcaption>${escape(caption)}</figcaption></figure>`;
}

function paragraph(text: string, kind?: 'verdict' | 'warning' | 'note'): string {
  return `<p${kind === undefined ? '' : ` class="${kind}"`}>${escape(text)}</p>`;
}
