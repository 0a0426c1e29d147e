import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import type { RandomStream } from '@flatmin/core';
import { project } from '../vectors/orthogonal.js';
import { unit } from '../vectors/randomVectors.js';
import { addTo, dot, norm, scaled, type Vector } from '../vectors/vector.js';
import type { Operator } from './operator.js';

/** An eigenpair of the small matrix. */
export interface RitzPair {
  readonly value: number;
  /** Its vector in the basis. */
  readonly coordinates: readonly number[];
  /** The length of A v - value v, by the recurrence. */
  readonly residual: number;
}

/**
 * The Lanczos process with full re-orthogonalization: an orthonormal basis q_1, ..., q_j of the Krylov space of a
 * start, in which A is the tridiagonal matrix of alphas and betas.
 *
 * Where the space ends early, as with fewer distinct eigenvalues than steps, it goes on from a new random direction
 * beside it, with beta = 0: so repeated eigenvalues are found as often as they are there.
 *
 * Cost: a product a step; 4 j P multiplications for orthogonality, and 4 j P bytes for the basis.
 */
export class Lanczos {
  readonly basis: Vector[] = [];
  readonly #operator: Operator;
  readonly #random: RandomStream;
  readonly #alphas: number[] = [];
  /** betas[j] joins q_j and q_{j+1}. */
  readonly #betas: number[] = [];
  #next: Vector;

  constructor(operator: Operator, start: Vector, random: RandomStream) {
    this.#operator = operator;
    this.#random = random;
    this.#next = scaled(start, 1 / norm(start));
  }

  get steps(): number {
    return this.basis.length;
  }

  /** Whether the basis spans all there is. */
  get isComplete(): boolean {
    return this.steps === this.#operator.size;
  }

  async step(): Promise<void> {
    const direction = this.#next;
    this.basis.push(direction);
    const product = await this.#operator.apply(direction);
    const alpha = dot(direction, product);
    const size = norm(product);
    this.#alphas.push(alpha);
    project(product, this.basis);
    const beta = norm(product);
    // What is left of a product within the space is rounding of float32; noise beyond that is as good a new direction.
    const isWithin = beta <= 1e-7 * size;
    this.#betas.push(isWithin ? 0 : beta);
    if (this.isComplete) return;
    this.#next = isWithin ? this.#beside() : scaled(product, 1 / beta);
  }

  /** The eigenpairs of the tridiagonal matrix, the largest first. */
  ritzPairs(): readonly RitzPair[] {
    const { steps } = this;
    const matrix = Matrix.zeros(steps, steps);
    for (let i = 0; i < steps; i++) {
      matrix.set(i, i, this.#alphas[i] as number);
      if (i + 1 < steps) {
        matrix.set(i, i + 1, this.#betas[i] as number);
        matrix.set(i + 1, i, this.#betas[i] as number);
      }
    }
    const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(matrix, { assumeSymmetric: true });
    const last = this.isComplete ? 0 : (this.#betas[steps - 1] as number);
    return realEigenvalues
      .map((value, i) => {
        const coordinates = eigenvectorMatrix.getColumn(i);
        return { value, coordinates, residual: Math.abs(last * (coordinates[steps - 1] as number)) };
      })
      .sort((a, b) => b.value - a.value);
  }

  /** A vector of the space by its coordinates. */
  vectorOf(coordinates: readonly number[]): Vector {
    const vector = new Float32Array(this.#operator.size);
    coordinates.forEach((coordinate, i) => addTo(vector, coordinate, this.basis[i] as Vector));
    return vector;
  }

  #beside(): Vector {
    const vector = unit(this.#random.at('beside').at(this.steps), this.#operator.size);
    project(vector, this.basis);
    return scaled(vector, 1 / norm(vector));
  }
}
