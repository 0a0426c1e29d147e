import { Callback, CustomCallback, type ModelFitArgs } from '@tensorflow/tfjs-layers';

/** Callbacks as `fit` takes them. */
type Given = ModelFitArgs['callbacks'];

const batchEvents = ['onBatchBegin', 'onBatchEnd', 'onYield'] as const;

const isMade = (callback: object): boolean => typeof (callback as Partial<Callback>).setParams === 'function';

/** Whether a callback does something at each batch; those of a class have all methods, most of which do nothing. */
function seesBatches(callback: object): boolean {
  return batchEvents.some((name) => {
    const method = (callback as Readonly<Record<string, unknown>>)[name];
    const nothing = (Callback.prototype as unknown as Readonly<Record<string, unknown>>)[name];
    return typeof method === 'function' && method !== nothing;
  });
}

/**
 * The callbacks of `fit` with one more, which comes last: at the begin of each epoch, and of each batch where others
 * see batches, it asks for graphs to be checked against the code, which anybody may have changed.
 */
export function withRechecks(callbacks: Given, recheck: () => void): Given {
  const given = [callbacks ?? []].flat() as object[];
  const own = { onEpochBegin: recheck, ...(given.some(seesBatches) && { onBatchBegin: recheck }) };
  const last = given.some(isMade) ? new CustomCallback(own) : own;
  return [...given, last] as Given;
}
