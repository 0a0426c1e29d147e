import { RandomStream } from './random.js';

/** What core's services are bound to in the container; shared by all copies of this package. */
export const tokens = {
  Plugin: Symbol.for('@flatmin/core/Plugin'),
  Registry: Symbol.for('@flatmin/core/Registry'),
  Composer: Symbol.for('@flatmin/core/Composer'),
  Logger: Symbol.for('@flatmin/core/Logger'),
  RandomSource: Symbol.for('@flatmin/core/RandomSource'),
} as const;

/** Where warnings and progress go. */
export interface Logger {
  info(message: string): void;
  warn(message: string): void;
}

/** Where streams of random numbers come from. */
export interface RandomSource {
  stream(seed: number): RandomStream;
}

/** What core itself logs to and draws from, unless a module of the container replaces it. */
export interface Services {
  readonly logger: Logger;
  readonly randomSource: RandomSource;
}

export const defaultServices: Services = {
  logger: { info: (message) => console.log(message), warn: (message) => console.warn(message) },
  randomSource: { stream: (seed) => new RandomStream(seed) },
};
