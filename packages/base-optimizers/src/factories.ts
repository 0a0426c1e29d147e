import { baseFactory } from '@flatmin/core/plugin';
import { adamwPlugin, lambPlugin, lionPlugin, sgdwPlugin } from './plugins.js';

/**
 * SGD with momentum and weight decay, by itself or under a variant.
 *
 * For each variable theta with gradient g, from v = 0:
 *
 *     theta <- (1 - learningRate weightDecay) theta     decoupled, the default
 *     g     <- g + weightDecay theta                    coupled: decoupled false
 *     v     <- momentum v + g
 *     theta <- theta - learningRate v                   with nesterov: g + momentum v for v
 *
 * Only variables whose role is in `decayRoles` decay. Under a variant, g is its final gradient, and decay stands
 * outside of the perturbation.
 *
 * - `learningRate`: required; it can be set on the optimizer at any time.
 * - `momentum`: from 0 to below 1, default 0. `nesterov`: default false.
 * - `weightDecay`: default 0. `decoupled`: default true. `decayRoles`: default all.
 *
 * Cost per variable: 2 operations, 4 with momentum, 6 with Nesterov's form; decay adds 1, coupled 2. State: with
 * momentum one copy of the weights. The optimizer owns it: `dispose` frees it. A variable without a gradient stays as
 * it is, with its slots.
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
 * AdamW: Adam with decoupled weight decay, by itself or under a variant.
 *
 * For each variable theta with gradient g, at its own step t = 1, 2, ... from m = v = 0:
 *
 *     theta <- (1 - learningRate weightDecay) theta
 *     m     <- beta1 m + (1 - beta1) g
 *     v     <- beta2 v + (1 - beta2) g^2
 *     theta <- theta - learningRate (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + epsilon)
 *
 * Only variables whose role is in `decayRoles` decay. Under a variant, g is its final gradient, and decay stands
 * outside of the perturbation.
 *
 * - `learningRate`: default 0.001; it can be set on the optimizer at any time.
 * - `beta1`, `beta2`: from 0 to below 1, default 0.9 and 0.999. `epsilon`: above 0, default 1e-8.
 * - `weightDecay`: default 0.01. `decayRoles`: default all.
 *
 * Cost per variable: 12 operations, 13 with decay; and 11 on scalars once a step. State: two copies of the weights and
 * a step count. The optimizer owns it: `dispose` frees it. A variable without a gradient stays as it is, with its slots
 * and its count; one that joins later begins at t = 1.
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
 * Lion: the sign of a mixture of momentum and gradient, by itself or under a variant.
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
 * Cost per variable: 9 operations, 10 with decay. State: one copy of the weights. LETS learns a radius over it by the
 * step of a plain gradient: the derivative of a sign is 0.
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
 * LAMB: the direction of Adam at a length of its own for each tensor, by itself or under a variant; for large batches.
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
 * Reference: optax.lamb. Deviations from other code: moments are corrected for their start (ALBERT's are not), and no
 * tensor is exempt from the ratio.
 */
export const lamb = baseFactory(lambPlugin);
