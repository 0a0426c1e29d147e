import type { LossSurface } from '@flatmin/analysis';

/** What a forward pass costs, in gradients. */
export const valueCost = 1 / 3;
/** What a product with the Gauss-Newton matrix costs, in gradients: about one, and two forward passes. */
export const gaussNewtonCost = 5 / 3;
/** What a product with the Hessian costs: two gradients and a forward pass. */
export const hessianCost = 7 / 3;

/** A surface that tells each pass before it, by its cost in gradients. What that throws ends what is being measured. */
export function followed(surface: LossSurface, follow: (cost: number) => Promise<void>): LossSurface {
  return {
    parameters: surface.parameters,
    size: surface.size,
    examples: surface.examples,
    get weights() {
      return surface.weights;
    },
    get passes() {
      return surface.passes;
    },
    get eagerBecause() {
      return surface.eagerBecause;
    },
    async value(point) {
      await follow(valueCost);
      return surface.value(point);
    },
    async gradient(point) {
      await follow(1);
      return surface.gradient(point);
    },
    async hessian(vector, step) {
      await follow(hessianCost);
      return surface.hessian(vector, step);
    },
    async gaussNewton(vector, step) {
      await follow(gaussNewtonCost);
      return surface.gaussNewton(vector, step);
    },
    ofBatches() {
      const batches = surface.ofBatches();
      return batches.map((batch) => followed(batch, (cost) => follow(cost / batches.length)));
    },
    reread: () => surface.reread(),
    dispose: () => surface.dispose(),
  };
}
