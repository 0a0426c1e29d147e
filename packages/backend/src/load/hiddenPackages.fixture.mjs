// node --import ./hiddenPackages.fixture.mjs: the packages that HIDDEN names are as if they were not installed, and
// those in REPLACED, an object of JSON, are others.
import { register } from 'node:module';

const hooks = `
const hidden = ${JSON.stringify((process.env.HIDDEN ?? '').split(','))};
const replaced = ${process.env.REPLACED ?? '{}'};
export async function resolve(specifier, context, next) {
  if (!hidden.includes(specifier)) return next(replaced[specifier] ?? specifier, context);
  throw Object.assign(new Error("Cannot find package '" + specifier + "' imported from a test"), { code: 'ERR_MODULE_NOT_FOUND' });
}`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);
