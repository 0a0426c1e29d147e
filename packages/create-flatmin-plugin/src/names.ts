import { Script } from 'node:vm';
import { CreateError } from './createError.js';

/** What a variant is called, everywhere. */
export interface Names {
  /** On npm: `@acme/flatmin-my-sam`. */
  readonly packageName: string;
  /** In specs: `my-sam`. */
  readonly id: string;
  /** In code: `mySam`, and with it `mySamPlugin` and `mySamVariant`. */
  readonly camel: string;
}

const scope = /^@[a-z0-9~-][a-z0-9._~-]*\//;
const plainName = /^[a-z0-9~-][a-z0-9._~-]*$/;
const idForm = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

/** What src/plugin.ts imports, and so cannot declare. */
const imported = ['definePlugin', 'radius', 'variantFactory', 'z'];

/**
 * The names of a variant from the name of its package.
 *
 * @param packageName with or without a scope and the prefix `flatmin-`, which the id leaves out.
 * @param id in place of the one that the package's name gives.
 * @throws CreateError where npm or a spec would refuse the name, or it is none in JavaScript.
 */
export function namesOf(packageName: string, id = idOf(packageName)): Names {
  if (!plainName.test(packageName.replace(scope, '')) || packageName.length > 214) {
    throw new CreateError(
      `${JSON.stringify(packageName)} is not a valid package name: use lower-case letters, digits and dashes, such as flatmin-my-sam ` +
        'or @my-scope/flatmin-my-sam.',
    );
  }
  if (!idForm.test(id)) {
    throw new CreateError(
      `${JSON.stringify(id)} is not a valid variant id: use lower-case letters, digits and single dashes, a letter first, such as ` +
        'my-sam. Use --id if it should differ from the package name.',
    );
  }
  const camel = id.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase());
  if (imported.includes(camel) || isReserved(camel)) {
    throw new CreateError(`"${id}" cannot be an id: ${camel} has another meaning in code. Choose another with --id.`);
  }
  return { packageName, id, camel };
}

function idOf(packageName: string): string {
  return packageName.replace(scope, '').replace(/^flatmin-/, '');
}

/** Whether JavaScript has the word for itself: compiled as a name, never run. */
function isReserved(word: string): boolean {
  try {
    new Script(`'use strict'; async () => { const ${word} = 0; };`);
    return false;
  } catch {
    return true;
  }
}
