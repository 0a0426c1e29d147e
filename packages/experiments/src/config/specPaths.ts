import type { FlatminContainer, Spec } from '@flatmin/core';
import { existsSync } from 'node:fs';
import path from 'node:path';

/** The options of a model's spec that are paths, as its plugin says. */
function pathOptions({ use }: Spec, container: FlatminContainer): readonly string[] {
  return container.plugins().find(({ id, kind }) => kind === 'model' && id === use)?.paths ?? [];
}

function changed(spec: Spec, container: FlatminContainer, change: (value: string) => string | undefined): Spec {
  const names = pathOptions(spec, container);
  const entries = Object.entries(spec).map(([name, value]) =>
    names.includes(name) && typeof value === 'string' ? ([name, change(value)] as const) : ([name, value] as const),
  );
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined)) as Spec;
}

const isUrl = (value: string): boolean => /^[a-z]{2,}:\/\//i.test(value);

/**
 * A model's spec whose paths hold wherever the command runs: they are meant from the folder of the config, or in an
 * installed package.
 */
export function withPathsFrom(spec: Spec, container: FlatminContainer, folder: string): Spec {
  return changed(spec, container, (value) => (isUrl(value) ? value : located(value, folder)));
}

/** The same spec as it is written into a config of another folder. */
export function withPathsTo(spec: Spec, container: FlatminContainer, folder: string): Spec {
  return changed(spec, container, (value) => {
    if (isUrl(value)) return value;
    const there = path.relative(path.resolve(folder), value).replaceAll('\\', '/');
    return there.startsWith('.') ? there : `./${there}`;
  });
}

/** The files of a model's spec. */
export function pathsOf(spec: Spec, container: FlatminContainer): readonly string[] {
  return pathOptions(spec, container).flatMap((name) => {
    const value = spec[name];
    return typeof value === 'string' ? [value] : [];
  });
}

/** What of a spec makes a model that model: a file may have moved, its content is told by the model itself. */
export function withoutPaths(spec: Spec, container: FlatminContainer): Spec {
  return changed(spec, container, () => undefined);
}

/** A file of the folder; else of a package that is installed where the folder, or the working directory, finds it. */
function located(value: string, folder: string): string {
  const here = path.resolve(folder, value);
  if (existsSync(here) || value.startsWith('.') || path.isAbsolute(value)) return here;
  const inPackages = [folder, '.']
    .flatMap((from) => ancestors(path.resolve(from)))
    .map((each) => path.join(each, 'node_modules', value));
  return inPackages.find((file) => existsSync(file)) ?? here;
}

function ancestors(folder: string): readonly string[] {
  const parent = path.dirname(folder);
  return parent === folder ? [folder] : [folder, ...ancestors(parent)];
}
