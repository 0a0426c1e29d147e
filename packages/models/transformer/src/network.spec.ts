import { RandomStream } from '@flatmin/core';
import { type KeysAndValues, weightsOf } from '@flatmin/model-blocks';
import { expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { expectClose, valuesOf } from '../../blocks/src/testing.fixture.js';
import { network } from './network.js';
import { sinusoids } from './positions.js';
import { ids, tiny } from './tinyTransformer.fixture.js';

it('positions are sines, then cosines, from position 1, of wavelengths from 2 pi to 20,000 pi', () => {
  tf.tidy(() => {
    const [s, c] = [Math.sin, Math.cos];
    expectClose(sinusoids(4)(0, 2), [s(1), s(1e-4), c(1), c(1e-4), s(2), s(2e-4), c(2), c(2e-4)], 1e-6);
    expectClose(sinusoids(4)(6, 1), [s(7), s(7e-4), c(7), c(7e-4)], 1e-6);
    // Of the middle one of three: 10,000^(-1/2).
    expectClose(sinusoids(6)(99, 1), [100, 1, 0.01].flatMap((a) => s(a)).concat([100, 1, 0.01].map((a) => c(a))), 1e-6);
  });
});

it('next gives token by token what decode gives at once, for two hypotheses of each source', () => {
  const weights = weightsOf('net', new RandomStream(5));
  const net = network(weights, tiny, { from: 9, to: 7 });
  const targets = [[1, 3, 4, 6], [1, 5, 5, 3], [1, 4, 6, 6], [1, 6, 3, 4]]; // prettier-ignore
  const beams = [[4, 5, 6], [4, 5, 6], [7], [7]]; // prettier-ignore
  tf.tidy(() => {
    const expected = net.decode(ids(targets), net.encode(ids(beams), false), false);
    const memory = net.encode(ids([[4, 5, 6], [7]]), false); // prettier-ignore
    let earlier: readonly KeysAndValues[] = [];
    for (let position = 0; position < 4; position++) {
      const tokens = tf.tensor1d(targets.map((target) => target[position] as number), 'int32'); // prettier-ignore
      const { logits, kept } = net.next({ tokens, sources: 2, position, earlier }, memory);
      expectClose(logits, valuesOf(tf.slice(expected, [0, position, 0], [4, 1, 7])), 1e-5);
      earlier = kept;
    }
    expect(earlier).toHaveLength(2);
  });
  weights.dispose();
});
