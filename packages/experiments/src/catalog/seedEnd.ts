import type { BestState, EpochRecord, Metrics } from '@flatmin/training';
import type { MetricsLine } from '../run/runRecord.js';
import type { RunRow } from './runRow.js';

type Figures = Omit<
  RunRow,
  'folder' | 'method' | 'dataset' | 'model' | 'seed' | 'batchSize' | 'learningRate' | 'created'
>;
type Judged = Partial<Record<'train' | 'validation' | 'test', Metrics>>;

/** What the lines of a seed say of its end, read from the last one back. */
export class SeedEnd {
  #end: MetricsLine | undefined;
  #step: MetricsLine | undefined;
  #epoch: EpochRecord | undefined;
  /** How the best weights did, where the seed ended with those. */
  #best: Judged = {};
  #isKnown = false;
  #hasBegun = false;

  /** Whether earlier lines say nothing more. */
  get isKnown(): boolean {
    return this.#isKnown;
  }

  add(line: MetricsLine): void {
    this.#hasBegun = true;
    if (line.event === 'end' || line.event === 'failure') this.#end ??= line;
    else if (line.event === 'step') this.#step ??= line;
    else if (line.event === 'evaluation') this.#addEvaluation(line);
    else if (line.event === 'epoch') this.#addEpoch(line as unknown as EpochRecord);
    else if (line['step'] === 0) this.#isKnown = true;
  }

  /** The figures of its row. */
  figures(isInUse: boolean): Figures {
    const failure = this.#end?.['failure'];
    const judged = this.#bestState === undefined ? this.#epoch : this.#best;
    const { steps = 0, gradientEvaluations = 0, seconds = 0 } = this.#reached();
    const rho = this.#epoch?.radius;
    return {
      status: this.#status(isInUse),
      ...(failure !== undefined && { reason: failure as string }),
      epochs: this.#epoch?.epoch ?? 0,
      steps,
      gradientEvaluations,
      seconds,
      ...(failure === undefined && {
        ...(judged?.train && { train: judged.train }),
        ...(judged?.validation && { validation: judged.validation }),
        ...(judged?.test && { test: judged.test }),
        ...(this.#bestState && { best: this.#bestState }),
      }),
      ...(typeof rho === 'number' && { rho }),
    };
  }

  get #bestState(): BestState | undefined {
    return this.#end?.['best'] as BestState | undefined;
  }

  get #hasEnded(): boolean {
    return this.#end !== undefined && this.#end['stopped'] !== true;
  }

  #status(isInUse: boolean): RunRow['status'] {
    if (!this.#hasBegun) return 'missing';
    if (this.#end?.event === 'failure') return 'diverged';
    if (this.#hasEnded && !this.#lacksEpochs()) return 'done';
    return isInUse ? 'running' : 'interrupted';
  }

  /** Whether the line of its last epoch was damaged: what is known is of an earlier one. */
  #lacksEpochs(): boolean {
    if (this.#epoch === undefined) return this.#end?.['stoppedEarly'] !== true;
    const stepsPerEpoch = this.#epoch.step / this.#epoch.epoch;
    return this.#epoch.epoch < Math.floor((this.#end?.['steps'] as number) / stepsPerEpoch);
  }

  #reached(): Partial<Pick<RunRow, 'steps' | 'gradientEvaluations' | 'seconds'>> {
    if (this.#end !== undefined) return this.#end as Partial<RunRow>;
    const {
      step: logged = 0,
      gradientEvaluations: cost,
      seconds,
    } = (this.#step ?? {}) as Readonly<Record<string, number>>;
    const { step = 0, gradientEvaluations } = this.#epoch ?? {};
    return {
      steps: Math.max(logged, step),
      gradientEvaluations: logged > step ? (cost ?? 0) : (gradientEvaluations ?? 0),
      seconds: seconds ?? 0,
    };
  }

  #addEvaluation(line: MetricsLine): void {
    if (this.#bestState === undefined || line['step'] !== this.#bestState.step) return;
    this.#best = { ...this.#best, [line['part'] as keyof Judged]: metricsOf(line) };
  }

  #addEpoch(record: EpochRecord): void {
    this.#epoch ??= record;
    const { step } = this.#bestState ?? { step: Infinity };
    if (record.step === step) this.#best = record;
    if (this.#hasEnded) this.#isKnown = this.#bestState === undefined || record.step <= step;
  }
}

/** The metrics in the line of an evaluation. */
const metricsOf = ({
  event: _,
  method: __,
  seed: ___,
  step: ____,
  epoch: _____,
  part: ______,
  ...metrics
}: MetricsLine) => metrics as unknown as Metrics;
