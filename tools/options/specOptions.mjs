// Types of what specs may say, from the schemas of the plugins: descriptions and defaults become what an editor shows.
import { compile } from 'json-schema-to-typescript';
import { isDeepStrictEqual } from 'node:util';
import * as prettier from 'prettier';

/** `ae-looksam` as a name of a type: AeLooksam. */
const pascal = (id) => id.replace(/(?:^|-)([a-z0-9])/g, (_, letter) => letter.toUpperCase());

/** @param {string} id of a plugin. */
export const interfaceOf = (id) => `${pascal(id)}SpecOptions`;

/** What a schema is but for its words and the range of its numbers, which no type tells. */
function shapeOf(schema) {
  if (typeof schema !== 'object' || schema === null) return schema;
  if (Array.isArray(schema)) return schema.map(shapeOf);
  const told = /^(default|description|\$schema|(exclusive)?(Min|Max)imum)$/i;
  const kept = Object.entries(schema).filter(([key]) => !told.test(key));
  return Object.fromEntries(
    kept.map(([key, value]) => [key, key === 'const' || key === 'enum' ? value : shapeOf(value)]),
  );
}

const schemaOf = (standard) => standard['~standard'].jsonSchema.input({ target: 'draft-2020-12' });

/** How long a list may be is checked when it is read: as a type it would refuse lists that are read from somewhere. */
const lengths = new Set(['minItems', 'maxItems']);

/** The schema with each default in its description, and the name of a type in the place of what has one. */
function described(schema, named) {
  if (typeof schema !== 'object' || schema === null) return schema;
  if (Array.isArray(schema)) return schema.map((each) => described(each, named));
  const { default: standard, description, ...others } = schema;
  const isTold = standard === undefined || /Default: /.test(description ?? '');
  const texts = [description, isTold ? undefined : `Default: ${JSON.stringify(standard)}.`];
  const text = texts.filter(Boolean).join(' ');
  const shape = shapeOf(schema);
  const name = Object.keys(named).find((each) => isDeepStrictEqual(shape, named[each]));
  const entries = name
    ? [['tsType', name]]
    : Object.entries(others)
        .filter(([key]) => !lengths.has(key))
        .map(([key, value]) => [key, key === 'const' || key === 'enum' ? value : described(value, named)]);
  return { ...Object.fromEntries(entries), ...(text && { description: text }) };
}

/** What is given to us is read only. */
const readonly = (code) =>
  code
    .replace(/^(\s*)((?:[A-Za-z_$][\w$]*|"[^"\n]+")\??: ?)/gm, '$1readonly $2')
    .replace(/(\w+|\((?:[^()]|\([^()]*\))*\))\[\]\[\]/g, 'ReadonlyArray<readonly $1[]>')
    .replace(/(?<!readonly |\w)(\w+|\((?:[^()]|\([^()]*\))*\))\[\]/g, 'readonly $1[]');

async function interfaceText(schema, name) {
  const options = { bannerComment: '', additionalProperties: false, format: false, ignoreMinAndMaxItems: true };
  // Its names have other capitals than ours.
  return readonly(await compile(schema, name, options)).replace(/export (interface|type) \w+/, `export $1 ${name}`);
}

const head = '// Written by `npm run options` from the schemas of the plugins: do not edit.\n';

async function formatted(code, file) {
  return prettier.format(code, { ...(await prettier.resolveConfig(file)), filepath: file });
}

/**
 * The file that tells TypeScript the options of some plugins of one package.
 *
 * @param {readonly import('@flatmin/core/plugin').Plugin[]} plugins
 * @param {{ named: Readonly<Record<string, unknown>>, core: string, namedFrom: string, file: string }} place the
 *   schemas that have a type of their own, by its name; the module that is augmented, and that which has those types;
 *   the file, for its format.
 */
export async function specOptionsText(plugins, { named, core, namedFrom, file }) {
  const shapes = Object.fromEntries(Object.entries(named).map(([name, each]) => [name, shapeOf(schemaOf(each))]));
  const texts = [];
  const entries = [];
  const kinds = [];
  for (const { id, kind, options, description } of plugins) {
    const schema = described(schemaOf(options), shapes);
    const name = interfaceOf(id);
    texts.push(
      await interfaceText(
        { ...schema, description: `Options of \`{ use: '${id}' }\`. ${description ?? ''}`.trim() },
        name,
      ),
    );
    entries.push(`readonly '${id}': ${name};`);
    if (kind !== 'variant') kinds.push(`readonly '${id}': '${kind}';`);
  }
  const body = texts.join('\n');
  const used = Object.keys(named).filter((each) => new RegExp(`: ${each}\\b`).test(body));
  // What is augmented has to be part of the program.
  const augmented = core.startsWith('.') ? '' : `export type {} from '${core}';\n`;
  const imported = used.length > 0 ? `import type { ${used.join(', ')} } from '${namedFrom}';\n` : '';
  const interfaces = [`interface PluginOptions {\n${entries.join('\n')}\n}`];
  if (kinds.length > 0) interfaces.push(`interface PluginKindById {\n${kinds.join('\n')}\n}`);
  const merged = `declare module '${core}' {\n${interfaces.join('\n')}\n}\n`;
  return formatted(`${head}${augmented}${imported}\n${body}\n${merged}`, file);
}

/** The file with the types of schedules: each by its name, with what it says of itself. */
export async function scheduleText(named, texts, file) {
  const types = await Promise.all(
    Object.entries(named).map(async ([name, each]) => {
      const text = await interfaceText({ ...described(schemaOf(each), {}), title: name }, name);
      return `/** ${texts[name]} */\n${text}`;
    }),
  );
  return formatted(`${head}\n${types.join('\n')}`, file);
}
