import { isFlatminError } from '@flatmin/core';
import { joined, rowsOf } from './rows.mjs';
import { chunks, roundsFor } from './statistics.mjs';

const secondsSince = (start) => (performance.now() - start) / 1000;
const timed = (work) => {
  const start = performance.now();
  work();
  return secondsSince(start);
};

/** What a subject threw: a refusal of ours is a result, anything else a failure, which the run ends with. */
const thrown = (error) =>
  isFlatminError(error) ? { refused: `${error.code}: ${error.message}` } : { failed: String(error?.stack ?? error) };

/**
 * Starts a subject, warms it up, and takes a sample in which ops and bytes are counted. A captured step records when it
 * first goes each way, which `madeSeconds` tells; the eager step that an optimizer begins with is not a part of it.
 */
function prepare(subject, model, instruments) {
  const { id, mode, steps } = subject;
  const facts = { subject: id, mode, steps };
  const before = instruments.bytes;
  const start = performance.now();
  let running;
  try {
    running = subject.start(model);
    let madeSeconds = secondsSince(start);
    running.once();
    if (mode === 'captured') madeSeconds += timed(running.all);
    const { ops, graphs, peak } = instruments.during(running.all);
    const counts = { ops: ops / steps, graphCalls: graphs / steps, peakBytes: peak - before };
    // Of these steps some recorded, and some were others' to compare with.
    running.evaluations.length = 0;
    return { running, facts: { ...facts, madeSeconds, ...counts }, samples: [], evaluations: running.evaluations };
  } catch (error) {
    running?.dispose();
    return { facts: { ...facts, ...thrown(error) }, samples: [] };
  }
}

/** A sample of each, one after the other, and each time another one first. */
async function takeRound(prepared, model, round) {
  model.reset();
  const first = round % prepared.length;
  for (const each of [...prepared.slice(first), ...prepared.slice(0, first)]) {
    if (each.running === undefined || each.facts.failed !== undefined) continue;
    try {
      const ms = await each.running.sample();
      if (ms !== undefined) each.samples.push(ms);
    } catch (error) {
      Object.assign(each.facts, thrown(error));
    }
  }
}

/**
 * Measures some subjects together, round by round: as many rounds as are asked for, else as fit in `seconds`.
 *
 * @param {any[]} prepared
 * @param {any} model
 * @param {{ seconds: number, rounds?: number, tick: () => void }} plan
 */
async function measureTogether(prepared, model, { seconds, rounds, tick }) {
  let count = rounds ?? Infinity;
  for (let i = 0; i < count; i++) {
    const start = performance.now();
    await takeRound(prepared, model, i);
    if (i === 0 && rounds === undefined) count = roundsFor({ seconds, round: secondsSince(start), min: 3, max: 200 });
    tick();
  }
}

/**
 * Measures the subjects of a model.
 *
 * @param {any} model of `createModel`.
 * @param {{ references: any[], others: any[] }} subjects the others go in groups of `together`, each beside all
 *   references.
 * @param {any[]} guests subjects of other libraries, which run already: `{ id, mode, sample }`.
 * @param {{seconds: number, rounds?: number, together?: number, tick: () => void}} plan `tick` is called
 *   whenever something is done.
 * @returns one row per subject and mode.
 */
export async function measureModel(model, subjects, guests, instruments, plan) {
  const { references, others } = subjects;
  const ids = [...new Set(others.map(({ id }) => id))];
  const groups = ids.length === 0 ? [[]] : chunks(ids, plan.together ?? ids.length);
  const seconds = plan.seconds / groups.length;
  const prepareAll = (some) =>
    some.map((each) => {
      plan.tick();
      return prepare(each, model, instruments);
    });
  let mark = performance.now();
  const shared = prepareAll(references);
  const results = [];
  for (const group of groups) {
    const members = prepareAll(others.filter(({ id }) => group.includes(id)));
    const foreign = guests.map((running) => ({
      running,
      facts: { subject: running.id, mode: running.mode, steps: 1 },
      samples: [],
    }));
    const prepared = [...foreign, ...shared.map((each) => ({ ...each, samples: [] })), ...members];
    await measureTogether(prepared, model, { ...plan, seconds: seconds - secondsSince(mark) });
    mark = performance.now();
    results.push(rowsOf(prepared, model.parameters));
    for (const { running } of members) running?.dispose();
  }
  for (const { running } of shared) running?.dispose();
  return joined(results);
}
