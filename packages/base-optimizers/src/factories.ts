import { baseFactory } from '@flatmin/core/plugin';
import {
  adamwPlugin,
  lambPlugin,
  lionPlugin,
  muonPlugin,
  scheduleFreeAdamwPlugin,
  scheduleFreeSgdPlugin,
  sgdwPlugin,
} from './plugins.js';

/**
 * SGD with momentum and weight decay, alone or under a variant.
 *
 * For each variable theta with gradient g, from v = 0:
 *
 *     theta <- (1 - learningRate weightDecay) theta     decoupled, the default
 *     g     <- g + weightDecay theta                    coupled: decoupled false
 *     v     <- momentum v + g
 *     theta <- theta - learningRate v                   with nesterov: g + momentum v for v
 *
 * Only variables whose role is in `decayRoles` decay. Under a variant, g is its final gradient, and decay is not part
 * of the perturbation.
 *
 * - `learningRate`: required; it can be set on the optimizer at any time.
 * - `momentum`: from 0 to below 1, default 0. `nesterov`: default false.
 * - `weightDecay`: default 0. `decoupled`: default true. `decayRoles`: default all.
 *
 * Cost per variable: 2 operations, 4 with momentum, 6 with Nesterov's form; decay adds 1, coupled 2. State: with
 * momentum one copy of the weights. The optimizer owns it: `dispose` frees it. A variable without a gradient stays
 * unchanged, and so do its slots.
 *
 *
 * @throws FlatminError SPEC_INVALID, with every problem of the options.
 * @example
 * ```ts
 * const base = sgdw({ learningRate: 0.1, momentum: 0.9, nesterov: true, weightDecay: 5e-4 });
 * const optimizer = sam({ rho: 0.05, base });
 * ```
 *
 * Sutskever et al., ICML 2013 (Nesterov's form); Loshchilov and Hutter, "Decoupled Weight Decay Regularization", ICLR
 * 2019, arXiv 1711.05101 (SGDW). Reference: torch.optim.SGD of PyTorch 2.13. Deviations: no dampening; the paper's SGDW
 * scales decay by the schedule alone, here by the learning rate, as PyTorch's AdamW does.
 */
export const sgdw = baseFactory(sgdwPlugin);

/**
 * AdamW: Adam with decoupled weight decay, alone or under a variant.
 *
 * For each variable theta with gradient g, at its own step t = 1, 2, ... from m = v = 0:
 *
 *     theta <- (1 - learningRate weightDecay) theta
 *     m     <- beta1 m + (1 - beta1) g
 *     v     <- beta2 v + (1 - beta2) g^2
 *     theta <- theta - learningRate (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + epsilon)
 *
 * Only variables whose role is in `decayRoles` decay. Under a variant, g is its final gradient, and decay is not part
 * of the perturbation.
 *
 * - `learningRate`: default 0.001; it can be set on the optimizer at any time.
 * - `beta1`, `beta2`: from 0 to below 1, default 0.9 and 0.999. `epsilon`: above 0, default 1e-8.
 * - `weightDecay`: default 0.01. `decayRoles`: default all.
 *
 * Cost per variable: 12 operations, 13 with decay; and 11 on scalars once a step. State: two copies of the weights and
 * a step count. The optimizer owns it: `dispose` frees it. A variable without a gradient stays unchanged, and so do its
 * slots and its count; one that joins later begins at t = 1.
 *
 * @throws FlatminError SPEC_INVALID, with every problem of the options.
 * @example
 * ```ts
 * const base = adamw({ learningRate: 0.001, weightDecay: 0.05, decayRoles: ['kernel', 'embedding'] });
 * const optimizer = sam({ rho: 0.05, base });
 * ```
 *
 * Loshchilov and Hutter, "Decoupled Weight Decay Regularization", ICLR 2019, arXiv 1711.05101; Kingma and Ba, ICLR
 * 2015, arXiv 1412.6980. Reference: torch.optim.AdamW of PyTorch 2.13, whose decay is scaled by the learning rate, as
 * here.
 */
export const adamw = baseFactory(adamwPlugin);

/**
 * Lion: the sign of a mixture of momentum and gradient, alone or under a variant.
 *
 * For each variable theta with gradient g, from m = 0:
 *
 *     theta <- (1 - learningRate weightDecay) theta
 *     theta <- theta - learningRate sign(beta1 m + (1 - beta1) g)
 *     m     <- beta2 m + (1 - beta2) g
 *
 * Every weight moves by the learning rate, however long the gradient, so clipping changes little. A weight whose
 * gradient is zero moves by the sign of its momentum.
 *
 * - `learningRate`: default 1e-4; 3 to 10 times smaller than AdamW's.
 * - `beta1`, `beta2`: from 0 to below 1, default 0.9 and 0.99. beta2, not beta1, is the decay of the momentum.
 * - `weightDecay`: default 0; 3 to 10 times larger than AdamW's. `decayRoles`: default all.
 *
 * Cost per variable: 9 operations, 10 with decay. State: one copy of the weights. LETS treats its step as one of plain
 * SGD, because the derivative of a sign is 0.
 *
 * @throws FlatminError SPEC_INVALID, with every problem of the options.
 * @example
 * ```ts
 * const optimizer = sam({ rho: 0.05, base: lion({ learningRate: 1e-4, weightDecay: 0.3 }) });
 * ```
 *
 * Chen et al., "Symbolic Discovery of Optimization Algorithms", NeurIPS 2023, arXiv 2302.06675. Reference: the official
 * code, google/automl lion_pytorch.py.
 */
export const lion = baseFactory(lionPlugin);

/**
 * LAMB: the direction of Adam, scaled for each tensor to a length of its own, alone or under a variant; for large
 * batches.
 *
 * For each variable theta with gradient g, at its own step t = 1, 2, ... from m = v = 0:
 *
 *     m     <- beta1 m + (1 - beta1) g
 *     v     <- beta2 v + (1 - beta2) g^2
 *     r      = (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + epsilon) + weightDecay theta
 *     theta <- theta - learningRate (||theta|| / ||r||) r
 *
 * The ratio is 1 where either norm is 0, as for a bias at its start.
 *
 * - `learningRate`: required.
 * - `beta1`, `beta2`: from 0 to below 1, default 0.9 and 0.999. `epsilon`: above 0, default 1e-6.
 * - `weightDecay`: default 0. `decayRoles`: default all.
 *
 * Cost per variable: 24 operations on the native backend, 30 elsewhere, 2 more with decay; and 10 on scalars once a
 * step. State: two copies of the weights and a step count.
 *
 * @throws FlatminError SPEC_INVALID, with every problem of the options.
 * @example
 * ```ts
 * const optimizer = sam({ rho: 0.05, base: lamb({ learningRate: 0.01, weightDecay: 0.01 }) });
 * ```
 *
 * You et al., "Large Batch Optimization for Deep Learning: Training BERT in 76 minutes", ICLR 2020, arXiv 1904.00962.
 * Reference: optax.lamb. Deviations from other code: the moments are bias-corrected (ALBERT's are not), and no tensor
 * is exempt from the ratio.
 */
export const lamb = baseFactory(lambPlugin);

/**
 * Muon: the momentum of each matrix, orthogonalized, alone or under a variant; AdamW for the rest.
 *
 * For each kernel of rank 2 or more, as a matrix [in, out] with gradient g, from B = 0:
 *
 *     B     <- momentum B + (1 - momentum) g
 *     U      = (1 - momentum) g + momentum B            without nesterov: B
 *     X      = U / (||U|| + 1e-7), then steps times X <- 3.4445 X - 4.775 (X X^T) X + 2.0315 (X X^T)^2 X
 *     theta <- (1 - learningRate weightDecay) theta
 *     theta <- theta - learningRate sqrt(max(1, out / in)) X
 *
 * A kernel [..., in, out] of a convolution is treated as the matrix with a row for each position and input, and a
 * column for each output. Biases, normalization, embeddings, depthwise kernels and the kernels that `exclude` names are
 * trained by AdamW, with the options of `adamw`. Embeddings are recognized by their role; name the output layer and, in
 * a convolutional network, the first convolution in `exclude`, as the authors do.
 *
 * - `learningRate`: above 0, default 0.02. Setting it on the optimizer scales that of `adamw` in proportion.
 * - `momentum`: from 0 to below 1, default 0.95. `nesterov`: default true. `steps`: default 5.
 * - `weightDecay`: for matrices only, default 0. `decayRoles`: default all; applies to matrices and to the rest.
 * - `exclude`: names of kernels, `*` for any characters, default none.
 * - `adamw`: `learningRate` 3e-4, `beta1` 0.9, `beta2` 0.95, `epsilon` 1e-10, `weightDecay` 0.
 *
 * Cost per matrix: 8 operations for each Newton-Schulz step, of which three are matrix products, and 13 more on the
 * native backend, 16 elsewhere; 12 per variable of AdamW. State: one copy of the matrices, two of the rest.
 *
 * @throws FlatminError SPEC_INVALID, with every problem of the options; at the first step, for a name in `exclude` that
 *   no kernel has.
 * @example
 * ```ts
 * const optimizer = sam({ rho: 0.05, base: muon({ exclude: ['*\/head/kernel'] }) });
 * ```
 *
 * Jordan et al., "Muon: An optimizer for hidden layers in neural networks", 2024. Reference: the official code,
 * KellerJordan/Muon 857d1ad. Deviations: it iterates in float32, where the official code uses bfloat16, so single
 * weights differ from it by several percent of a step; for convolutions it takes the scale of the whole matrix.
 */
export const muon = baseFactory(muonPlugin);

/**
 * Schedule-free SGD, alone or under a variant: it needs no learning-rate schedule, and is evaluated at an average.
 *
 * For each variable, which holds y, from x = y = z, with gradient g at y and its own step t = 1, 2, ...:
 *
 *     l  = learningRate min(1, t / warmupSteps),  w = t^r (largest l so far)^weightLrPower,  c = w / (sum of all w)
 *     z <- z - l (g + weightDecay y)
 *     x <- (1 - c) x + c z
 *     y <- momentum x + (1 - momentum) z
 *
 * Evaluate, predict, save and export with x, which is `optimizer.evaluationWeights()`; `train`, `fit` and the `flatmin`
 * command do so on their own. Under a variant, all gradients are taken at y or around it. A variant that adds to the
 * step of its base, such as decoupled WSAM, is refused.
 *
 * - `learningRate`: default 1. A schedule of it is not needed, and changes the weights of the average.
 * - `momentum`: above 0 and below 1, default 0.9. `warmupSteps`: default 0. `r`: default 0. `weightLrPower`: default 2.
 * - `weightDecay`: default 0. `decayRoles`: default all.
 *
 * Cost per variable: 7 operations, 9 with decay; 19 on scalars once a step, 30 with warm-up and r; 2 for each
 * evaluation. State: one copy of the weights, x - z, and three scalars.
 *
 * @throws FlatminError SPEC_INVALID, with every problem of the options.
 * @example
 * ```ts
 * const optimizer = sam({ rho: 0.05, base: scheduleFreeSgd({ learningRate: 1, warmupSteps: 100 }) });
 * ```
 *
 * Defazio et al., "The Road Less Scheduled", NeurIPS 2024, arXiv 2405.15682. Reference: the official code,
 * facebookresearch/schedule_free 70785b5, of which this keeps x - z instead of z.
 */
export const scheduleFreeSgd = baseFactory(scheduleFreeSgdPlugin);

/**
 * Schedule-free AdamW, alone or under a variant: {@link scheduleFreeSgd} along g / (sqrt(v / (1 - beta2^t)) + epsilon)
 * + weightDecay y, where v <- beta2 v + (1 - beta2) g^2, and with beta1 for its momentum.
 *
 * - `learningRate`: default 0.0025. `beta1`: above 0 and below 1, default 0.9. `beta2`: default 0.999. `epsilon`: 1e-8.
 * - `warmupSteps`: default 0. `r`: default 0. `weightLrPower`: default 2.
 * - `weightDecay`: default 0. `decayRoles`: default all.
 *
 * Cost per variable: 15 operations, 17 with decay; 24 on scalars once a step, 35 with warm-up and r; 2 for each
 * evaluation. State: two copies of the weights, x - z and v, and three scalars.
 *
 * @throws FlatminError SPEC_INVALID, with every problem of the options.
 * @example
 * ```ts
 * const optimizer = sam({ rho: 0.05, base: scheduleFreeAdamw({ learningRate: 0.0025, warmupSteps: 100 }) });
 * ```
 *
 * Defazio et al., "The Road Less Scheduled", NeurIPS 2024, arXiv 2405.15682. Reference: the official code,
 * facebookresearch/schedule_free 70785b5, of version 1.3 and later; earlier ones scale the learning rate by the
 * correction of v.
 */
export const scheduleFreeAdamw = baseFactory(scheduleFreeAdamwPlugin);
