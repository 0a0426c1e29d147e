// node --import ./hiddenPackages.fixture.mjs: the packages that HIDDEN names are as if they were not installed.
import { register } from 'node:module';

const hooks = `
export async function resolve(specifier, context, next) {
  if (!${JSON.stringify((process.env.HIDDEN ?? '').split(','))}.includes(specifier)) return next(specifier, context);
  throw Object.assign(new Error("Cannot find package '" + specifier + "' imported from a test"), { code: 'ERR_MODULE_NOT_FOUND' });
}`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);
