import * as tf from '@tensorflow/tfjs-core';
import { catalogue, reasonToSkip } from './catalogue.js';
import { type CheckId, NotTried } from './finding.js';
import { onBackend } from './onBackend.js';
import type { VariantPlugin, VariantSetup } from './setup.js';
import { Subject } from './subject.js';

/** The result of one promise on one backend. */
export interface CheckResult {
  readonly check: CheckId;
  readonly promise: string;
  readonly backend: string;
  readonly status: 'kept' | 'broken' | 'skipped';
  /** Why it was skipped. */
  readonly reason?: string;
  /** What is broken and by how much, one line each. */
  readonly messages: readonly string[];
  readonly milliseconds: number;
}

export interface ConformanceReport {
  readonly plugin: string;
  /** True where no promise is broken. */
  readonly passed: boolean;
  readonly results: readonly CheckResult[];
}

/**
 * Checks every promise of a variant without a test runner.
 *
 * @example
 * ```ts
 * const { passed, results } = await checkVariant(samPlugin, { cases });
 * for (const { check, status, messages } of results) console.log(check, status, ...messages);
 * ```
 */
export async function checkVariant(plugin: VariantPlugin, setup: VariantSetup): Promise<ConformanceReport> {
  const subject = new Subject(plugin, setup);
  const results: CheckResult[] = [];
  for (const backend of setup.backends ?? [undefined]) {
    await onBackend(backend, async () => {
      for (const check of catalogue) {
        const about = { check: check.id, promise: check.promise, backend: tf.getBackend() };
        const reason = reasonToSkip(check, subject);
        if (reason !== undefined) {
          results.push({ ...about, status: 'skipped', reason, messages: [], milliseconds: 0 });
          continue;
        }
        const start = performance.now();
        const found = await check.run(subject);
        const milliseconds = performance.now() - start;
        if (found instanceof NotTried) {
          results.push({ ...about, status: 'skipped', reason: found.reason, messages: [], milliseconds });
          continue;
        }
        const status = found.length === 0 ? 'kept' : 'broken';
        results.push({ ...about, status, messages: found.map(({ message }) => message), milliseconds });
      }
    });
  }
  return { plugin: plugin.id, passed: results.every(({ status }) => status !== 'broken'), results };
}
