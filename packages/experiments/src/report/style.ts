import { themeVariables } from './themed.js';

/** The style of the page: light and dark by what the reader's system asks for, a phone's width, paper. */
export const style = `
  :root { color-scheme: light dark; ${themeVariables('light')}
    --text: #1c2733; --soft: #51606f; --page: #f6f8fa; --edge: #dfe4ea; --accent: #0b5cad; --alarm: #b34700; --alarm-card: #fff4ec; --good: #00704f; --bad: #b34700;
    font: 16px/1.55 system-ui, sans-serif; color: var(--text); background: var(--page); }
  @media (prefers-color-scheme: dark) { :root { ${themeVariables('dark')}
    --text: #e6ebf0; --soft: #a7b2bd; --page: #0f1317; --edge: #2d3640; --accent: #7db8ff; --alarm: #ff9b63; --alarm-card: #2b1d14; --good: #41d3a5; --bad: #ff9b63; } }
  body { margin: 0 auto; padding: 2rem 1rem 4rem; max-width: 60rem; }
  h1 { font-size: .95rem; font-weight: 600; color: var(--soft); margin: 0 0 .5rem; overflow-wrap: anywhere; }
  h2 { font-size: 1.3rem; margin: 2.4rem 0 .4rem; overflow-wrap: anywhere; }
  h3 { font-size: 1.05rem; margin: 0 0 .6rem; overflow-wrap: anywhere; }
  p { margin: .4rem 0; max-width: 48rem; overflow-wrap: anywhere; }
  a { color: var(--accent); }
  .verdict { font-size: 1.35rem; line-height: 1.4; font-weight: 600; margin: 0 0 .6rem; max-width: 54rem; }
  .warning { border-left: 4px solid var(--alarm); background: var(--alarm-card); padding: .5rem .8rem; }
  nav ul { display: flex; flex-wrap: wrap; gap: .3rem 1.1rem; list-style: none; margin: .8rem 0; padding: 0; }
  section, figure { background: var(--card); border: 1px solid var(--edge); border-radius: 8px; padding: 1.1rem 1.3rem; margin: 1.2rem 0; }
  figcaption, .note { font-size: .9rem; color: var(--soft); margin-top: .6rem; max-width: 48rem; overflow-wrap: anywhere; }
  svg { max-width: 100%; height: auto; display: block; }
  .narrow { display: none; }
  .scroll { overflow-x: auto; }
  .scroll:focus-visible, a:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
  table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; font-size: .95rem; }
  th, td { padding: .45rem .55rem; border-bottom: 1px solid var(--edge); text-align: right; white-space: nowrap; }
  tbody tr:last-child > * { border-bottom: 0; }
  tbody th, thead th:first-child { text-align: left; padding-left: 0; white-space: normal; min-width: 9rem; }
  tbody th { font-weight: 500; overflow-wrap: anywhere; }
  thead th { font-weight: 600; font-size: .85rem; color: var(--soft); vertical-align: bottom; }
  small { display: block; color: var(--soft); font-size: .8rem; }
  small.better { color: var(--good); }
  small.worse { color: var(--bad); }
  dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .15rem 1rem; font-size: .85rem; color: var(--soft); margin: 0; }
  dd { margin: 0; overflow-wrap: anywhere; }
  @media (max-width: 44rem) {
    body { padding: 1.2rem .7rem 3rem; }
    .verdict { font-size: 1.15rem; }
    section, figure { padding: .8rem; }
    .wide { display: none; } .narrow { display: block; }
    tbody th, thead th:first-child { min-width: 7rem; }
    dl { grid-template-columns: 1fr; } dd { margin-bottom: .4rem; }
  }
  @media print {
    :root { color-scheme: light; ${themeVariables('light')} --text: #000; --soft: #333; --page: #fff; --edge: #bbb; --accent: #000; --alarm: #b34700; --alarm-card: #fff; --good: #00704f; --bad: #b34700; font-size: 10pt; }
    body { padding: 0; max-width: none; } nav { display: none; }
    .wide { display: block; } .narrow { display: none; } .wide svg { max-width: 15cm; }
    section, figure { border: 0; padding: 0; } figure, tr { break-inside: avoid; }
    h2, h3 { break-after: avoid; } .scroll { overflow: visible; } table { font-size: 7.5pt; } th, td { padding: .2rem .3rem; } thead th { font-size: 7pt; white-space: normal; } small { font-size: 6.5pt; }
  }
`;
