import { themes } from './look.js';

/**
 * The drawing as a part of a page: its colors are those of the page's theme, and its ids its own, since all drawings of
 * a page share one document.
 */
export function themed(svg: string, id: string): string {
  return svg
    .replace(/"(#[0-9a-f]{6}|white)"/g, (quoted, color: string) => {
      const theme = themes[color];
      return theme === undefined ? quoted : `"var(--${theme[0]})"`;
    })
    .replace(/\bid="/g, `id="${id}-`)
    .replaceAll('url(#', `url(#${id}-`);
}

/** The variables of a theme as CSS. */
export function themeVariables(theme: 'light' | 'dark'): string {
  return Object.entries(themes)
    .map(([light, [name, dark]]) => `--${name}: ${theme === 'light' ? light : dark};`)
    .join(' ');
}
