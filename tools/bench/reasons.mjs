// Why a target was not met or not measured, by its text; printed beneath the table where it applies.

const weightSpace =
  'Beside the gradients it makes passes over all weights (norms, products, averages), each limited by memory, and TensorFlow does not ' +
  'fuse elementwise operations on the CPU: with 670,000 weights a pass takes 0.2 to 0.3 ms, a gradient evaluation 3.1 ms. XLA, which would, ' +
  'was slower (`docs/decisions/performance.md`).';
const held =
  'Counted at the peak of the second backward pass, where beyond what the layers hold there are theta, the offset and the clean gradient. ' +
  'On weights that outweigh their activations the peak is elsewhere, and the bounds hold: `packages/lets/src/memory.spec.ts`.';
const noTorch = 'PyTorch could not be installed where this ran. `tools/bench/torchSam.py` has never run.';

export const reasons = {
  'asam captured, of its floor, everywhere': weightSpace,
  'gsam captured, of its floor, everywhere': weightSpace,
  'fsam captured, of its floor, everywhere': weightSpace,
  'LETS robust every 4 captured, in SAM steps, everywhere':
    'z is updated at every step, also where rho is not: four passes over the weights. On the small MLP each operation costs more than ' +
    'what it computes; on the CNN, the ViT and ResNet-18 the target holds.',
  'LETS robust captured, in SAM steps, everywhere':
    'The third gradient is half a SAM step by itself; on the small MLP, where a SAM step is 0.9 ms, the operations on z and rho cost about as much as that.',
  'large: ESAM captured, in SAM steps':
    'It saves 0.4 of the products that give the first gradient of the weights and half of the second backward ' +
    'pass; its forward passes and its passes over the weights are those of a SAM step.',
  'SAM eager, copies of the weights beyond the base, everywhere': held,
  'LETS robust eager, copies of the weights beyond the base, everywhere': held,
  'flatmin --help':
    'Node itself takes most of it: an empty script took 0.17 s when this was looked into (`docs/decisions/performance.md`).',
  'small: SAM captured, in SAM steps of torch': noTorch,
  'cnn: SAM captured, in SAM steps of torch': noTorch,
  'resnet18: SAM captured, in SAM steps of torch': noTorch,
};
