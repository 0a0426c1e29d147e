import * as tfjs from '@tensorflow/tfjs';
import { fuseBatchNormalization } from '../kernels/batchNormLayer.js';
import { registerBatchNormTraining } from '../kernels/batchNormTraining.js';
import { FlatminError } from '@flatmin/core/errors';
import { lightenGradients } from '../kernels/gradients.js';
import { replaceNativeKernels } from '../kernels/nativeKernels.js';
import { restoreLegacyUtil } from '../tfjs/legacyUtil.js';
import { activate, importOptional, type Loaded, type Tf } from '../tfjs/tf.js';

/** The native backend: TensorFlow itself, through tfjs-node. */
export const loadTensorflow = (): Promise<Loaded> => load('@tensorflow/tfjs-node');

/** The same on a GPU of NVIDIA: TensorFlow with CUDA, through tfjs-node-gpu. */
export const loadTensorflowGpu = (): Promise<Loaded> => load('@tensorflow/tfjs-node-gpu');

/** Which of the two packages this process has: both would register the same kernels for one name of a backend. */
let loaded: string | undefined;

async function load(packageName: string): Promise<Loaded> {
  if (loaded !== undefined && loaded !== packageName) {
    throw new FlatminError(
      'BACKEND_UNAVAILABLE',
      `This process has loaded ${loaded} and cannot load ${packageName} as well. Choose one when the program starts.`,
    );
  }
  restoreLegacyUtil();
  prepareStart(process.env, process.arch);
  const tf = (await importOptional(packageName)) as Tf;
  if (tf.Tensor !== tfjs.Tensor) {
    throw new FlatminError(
      'BACKEND_DUPLICATE',
      `${packageName} ${versionOf(tf)} uses another copy of @tensorflow/tfjs than this program (${tfjs.version.tfjs}), ` +
        'so their tensors would not mix. Install the same version of both, then run `npm dedupe`.',
    );
  }
  loaded = packageName;
  await activate(tf, 'tensorflow');
  replaceNativeKernels(tf);
  registerBatchNormTraining();
  fuseBatchNormalization(tf);
  lightenGradients(tf);
  return { tf, version: libraryVersion(tf) };
}

/**
 * What TensorFlow reads when the library is loaded, where nobody has set it. It reports its start (CPU features,
 * oneDNN) on stderr unless told otherwise. On x64 it uses oneDNN by default only where the processor has AVX-512 VNNI;
 * with AVX2 alone it pays as well.
 */
export function prepareStart(environment: NodeJS.ProcessEnv, architecture: string): void {
  environment['TF_CPP_MIN_LOG_LEVEL'] ??= '2';
  if (architecture === 'x64') environment['TF_ENABLE_ONEDNN_OPTS'] ??= '1';
}

function versionOf(tf: Tf): string {
  const { 'tfjs-node': version } = tf.version as Record<string, string | undefined>;
  return version ?? tf.version.tfjs;
}

function libraryVersion(tf: Tf): string {
  const { binding } = tf.backend() as { readonly binding?: { readonly TF_Version?: string } };
  return binding?.TF_Version ?? 'unknown';
}
