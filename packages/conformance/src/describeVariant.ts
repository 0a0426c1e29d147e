import * as tf from '@tensorflow/tfjs-core';
import { catalogue, type Check, reasonToSkip } from './catalogue.js';
import { NotTried } from './finding.js';
import { onBackend } from './onBackend.js';
import type { TestRunner, VariantPlugin, VariantSetup } from './setup.js';
import { Subject } from './subject.js';

/** The test runner's functions, which runners put into the global scope of a test file. */
export function globalRunner(): TestRunner {
  const { describe, it } = globalThis as unknown as Partial<TestRunner>;
  if (describe === undefined || it === undefined) {
    throw new Error(
      'describe and it are not in scope. Call this in a test file, pass runner: { describe, it }, or use checkVariant.',
    );
  }
  return { describe, it };
}

/** Fails a test with one line per broken promise. */
export class BrokenPromise extends Error {
  override readonly name = 'BrokenPromise';

  constructor(messages: readonly string[]) {
    super(messages.join('\n'));
    // The stack of the kit says nothing about the variant.
    this.stack = `${this.name}: ${this.message}`;
  }
}

/** Why there is nothing to try on a backend, if that is known already. */
function elsewhere({ backend: needed }: Check, backend = tf.getBackend() as string | undefined): string | undefined {
  if (needed === undefined || backend === undefined || backend === '' || backend === needed) return undefined;
  return `it needs the backend ${needed}, and this is ${backend}`;
}

/**
 * Skips the test that is running, where the runner can (node:test, vitest, mocha); jest cannot, and says it in a line.
 */
function skipNow([context]: readonly unknown[], name: string, reason: string): void {
  const { skip } = (context ?? {}) as { skip?: (reason: string) => void };
  if (typeof skip === 'function') skip.call(context, reason);
  else console.warn(`skipped: ${name} (${reason})`);
}

/**
 * Declares one test per promise C1 to C18 of a variant, under jest or any runner with `describe` and `it`. What cannot
 * be checked, or is exempt, is reported as skipped, with the reason.
 *
 * @param plugin the plugin under test; default export of a variant's package.
 * @param setup what only its author knows (`cases`), and what the kit uses: LETS, the layers adapter, other plugins.
 * @example
 * ```ts
 * describeVariant(mySamPlugin, {
 *   cases: { handWorked: [...], gradientEvaluations: 2, golden: ['sam-sgd'] },
 *   lets: letsPlugin,
 *   layers: { compile },
 * });
 * ```
 */
export function describeVariant(plugin: VariantPlugin, setup: VariantSetup): void {
  const { describe, it } = setup.runner ?? globalRunner();
  const subject = new Subject(plugin, setup);
  for (const backend of setup.backends ?? [undefined]) {
    describe(`${plugin.id} keeps its promises${backend === undefined ? '' : ` on ${backend}`}`, () => {
      for (const check of catalogue) {
        const name = `${check.id} ${check.promise}`;
        const reason = reasonToSkip(check, subject) ?? elsewhere(check, backend);
        const body = async (...context: readonly unknown[]): Promise<void> => {
          const findings = await onBackend(backend, () => check.run(subject));
          if (findings instanceof NotTried) return skipNow(context, name, findings.reason);
          if (findings.length > 0) throw new BrokenPromise(findings.map(({ message }) => message));
        };
        if (reason === undefined) it(name, body, setup.timeout ?? 600_000);
        else it.skip(`${name} (${reason})`, body);
      }
    });
  }
}
