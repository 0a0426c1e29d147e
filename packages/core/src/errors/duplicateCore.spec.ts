import { describe, expect, it, jest } from '@jest/globals';
import { z } from 'zod';
import { createContainer } from '../compose/container.js';
import { metaFactory, variantFactory } from '../compose/factories.js';
import { definePlugin } from '../plugin/plugin.js';
import { plainOutcome, thrownBy, toySamPlugin, variantOf } from '../toys.fixture.js';

const sgd = { use: 'sgd', learningRate: 0.1 };
const definition = {
  kind: 'variant',
  id: 'acme-sam',
  apiVersion: 1,
  options: z.strictObject({}),
  create: () => variantOf(plainOutcome),
} as const;

/** A plugin as another copy of this package makes it. */
function fromOtherCopy(): typeof toySamPlugin {
  let made: unknown;
  jest.isolateModules(() => {
    const other = jest.requireActual<{ definePlugin: typeof definePlugin }>('../plugin/plugin.js');
    made = other.definePlugin(definition);
  });
  return made as typeof toySamPlugin;
}

const around = metaFactory(
  definePlugin({
    kind: 'meta',
    id: 'around',
    apiVersion: 1,
    options: z.strictObject({}),
    create: (_, { inner }) => inner,
  }),
);

describe('what another copy of core made', () => {
  it.each([
    ['a plugin in a container', () => createContainer({ plugins: [fromOtherCopy()] })],
    ['a plugin that was spread', () => createContainer({ plugins: [{ ...fromOtherCopy(), id: 'other-sam' }] })],
    ['a plugin made into a factory', () => variantFactory(fromOtherCopy())({ base: sgd })],
  ])('%s is refused by name, with the remedy', (_, mix) => {
    const error = thrownBy(mix);
    expect(error.code).toBe('CORE_DUPLICATE');
    expect(error.message).toMatch(/plugin "\w+-sam" was made with another copy.*npm ls @flatmin\/core.*npm dedupe/);
    expect(error.message).toContain('--install-links'); // Case 25: a folder that was linked stays a copy, whatever is deduped.
  });

  it('an optimizer to be wrapped is refused, and can still be used alone', () => {
    const optimizer = variantFactory(toySamPlugin)({ base: sgd });
    Object.assign(optimizer, { [Symbol.for('@flatmin/core/MadeBy')]: Symbol('another copy') });
    expect(thrownBy(() => around(optimizer)).code).toBe('CORE_DUPLICATE');
    expect(thrownBy(() => variantFactory(toySamPlugin)({ base: optimizer })).code).toBe('CORE_DUPLICATE');
    expect(optimizer.learningRate).toBe(0.1);
    optimizer.dispose();
  });

  it('a plain object is of no copy', () => {
    expect(
      createContainer({ plugins: [definition] })
        .plugins()
        .map(({ id }) => id),
    ).toContain('acme-sam');
  });
});
