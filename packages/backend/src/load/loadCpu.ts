import * as tfjs from '@tensorflow/tfjs';
import { activate, tfjsOf, type Loaded } from '../tfjs/tf.js';

/** The JavaScript backend: always there, and slow. */
export async function loadCpu(): Promise<Loaded> {
  const tf = tfjsOf(tfjs);
  await activate(tf, 'cpu');
  // The first tensor on this backend would print a banner that recommends tfjs-node; our notes have said so already.
  (tf.backend() as { firstUse?: boolean }).firstUse = false;
  return { tf, version: tf.version['tfjs-backend-cpu'] };
}
