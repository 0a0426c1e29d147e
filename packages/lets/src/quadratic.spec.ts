import asamPlugin from '@flatmin/asam';
import { loadQuadratic, referenceNames, runQuadratic } from '@flatmin/conformance';
import { createContainer, type OptimizerContext, type Spec } from '@flatmin/core';
import samPlugin from '@flatmin/sam';
import { describe, expect, it } from '@jest/globals';
import { letsPlugin } from './plugin.js';

const container = createContainer({ plugins: [samPlugin, asamPlugin, letsPlugin] });
const createOptimizer = (spec: Spec, context?: OptimizerContext) => container.createOptimizer(spec, context);

it('has 26 references, which the conformance kit runs', () => {
  expect(referenceNames.filter((name) => name.startsWith('lets-'))).toHaveLength(26);
});

describe('the closed form on two quadratics', () => {
  for (const inner of ['sam', 'asam'] as const) {
    it.each(['exact', 'secant', 'diagonal'] as const)(`${inner}, %s curvature`, async (curvature) => {
      const { messages } = await runQuadratic(await loadQuadratic(), { inner, curvature }, createOptimizer);
      expect(messages).toEqual([]);
    });
  }
});
