import type { Callbacks } from '@flatmin/training';
import { warn } from '../terminal/terminal.js';

/** Where runs are told to, as a config has it. */
export interface MlflowOptions {
  /** Of the tracking server. */
  readonly url: string;
  /** Its name; made where there is none. */
  readonly experiment: string;
}

/** A run as MLflow lists it. */
export interface MlflowRun {
  readonly name: string;
  /** Settings, by path. */
  readonly params: Readonly<Record<string, string>>;
  /** When it began, in milliseconds. */
  readonly began: number;
  /** The id of the run on the server to go on with, where there is one. */
  readonly runId?: string | undefined;
  /** Gets the id of a run that was made. */
  readonly onRun?: (runId: string) => void;
}

/** How MLflow says that a run ended. */
export type MlflowStatus = 'FINISHED' | 'FAILED' | 'KILLED';

export interface MlflowLogger {
  readonly callbacks: Callbacks;
  /** Sends what is left, for a few seconds at most. */
  finish(status: MlflowStatus, now: number): Promise<void>;
}

interface Metric {
  readonly key: string;
  readonly value: number;
  readonly timestamp: number;
  readonly step: number;
}

/** A request may hold 1,000 metrics and 100 params; a value of a param 500 characters on every server. */
const [mostMetrics, mostParams, longestParam] = [1000, 100, 500];
/** Milliseconds that a request may take. */
const patience = 5000;

/**
 * Tells a run to the tracking server of MLflow, by its REST API 2.0, beside the training: no step waits for it. Where
 * the server is away or answers with an error, that is said once, and nothing more is sent.
 *
 * @param env has MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, where the server asks
 *   for them. They are sent to it and written nowhere.
 * @param clock milliseconds since 1970.
 */
export function mlflowLogger(
  { url, experiment }: MlflowOptions,
  { name, params, began, runId: known, onRun }: MlflowRun,
  clock: () => number,
  env: NodeJS.ProcessEnv = process.env,
): MlflowLogger {
  const server = new Server(url, env);
  let runId = '';
  let metrics: Metric[] = [];
  server.then(async () => {
    if (known !== undefined && (await isThere(server, known))) {
      runId = known;
      // With its params.
      await server.post('runs/update', { run_id: runId, status: 'RUNNING' });
      return;
    }
    runId = await createRun(server, { experiment, name, began });
    const all = Object.entries(params).map(([key, value]) => ({ key, value: value.slice(0, longestParam) }));
    for (let i = 0; i < all.length; i += mostParams) {
      await server.post('runs/log-batch', { run_id: runId, params: all.slice(i, i + mostParams) });
    }
  });
  // Of its own: not where the end of the run has been waited for in vain, and its folder may be another's.
  server.then(() => {
    if (runId !== known) onRun?.(runId);
  });
  const flush = (): void => {
    const batch = metrics;
    metrics = [];
    if (batch.length > 0) server.then(() => server.post('runs/log-batch', { run_id: runId, metrics: batch }));
  };
  const add = (step: number, group: string, values: object): void => {
    // JSON has no NaN; a run that diverges ends as FAILED.
    const numbers = Object.entries(values).filter((entry): entry is [string, number] => Number.isFinite(entry[1]));
    metrics.push(...numbers.map(([key, value]) => ({ key: `${group}/${key}`, value, timestamp: clock(), step })));
    if (metrics.length > mostMetrics - 100) flush();
  };
  return {
    callbacks: {
      observesOnly: true,
      onLog({ step, loss, radius, learningRate, gradientEvaluations }) {
        const rho = radius === null ? {} : { rho: radius };
        add(step, 'step', { loss, ...rho, learning_rate: learningRate, gradient_evaluations: gradientEvaluations });
      },
      onEvaluation({ step, part, epoch: _, scores, ...figures }) {
        add(step, part, { ...figures, ...scores });
      },
      onProbe({ step, values }) {
        add(step, 'probe', values);
      },
      onEpoch: flush,
    },
    async finish(status, now) {
      flush();
      server.then(() => server.post('runs/update', { run_id: runId, status, end_time: now }));
      await server.settled(patience);
    },
  };
}

/** Whether the server has a run, and nobody has deleted it. */
async function isThere(server: Server, runId: string): Promise<boolean> {
  const found = await server.get(`runs/get?run_id=${encodeURIComponent(runId)}`);
  const { info } = (found?.['run'] ?? {}) as { readonly info?: { readonly lifecycle_stage?: string } };
  return info !== undefined && info.lifecycle_stage !== 'deleted';
}

async function createRun(
  server: Server,
  { experiment, name, began }: { readonly experiment: string; readonly name: string; readonly began: number },
): Promise<string> {
  const found = await server.get(`experiments/get-by-name?experiment_name=${encodeURIComponent(experiment)}`);
  const known = (found?.['experiment'] ?? (await server.post('experiments/create', { name: experiment }))) as Answer;
  const tags = [{ key: 'mlflow.source.name', value: 'flatmin' }];
  const { run } = await server.post('runs/create', {
    experiment_id: known['experiment_id'],
    run_name: name,
    start_time: began,
    tags,
  });
  return (run as { readonly info: { readonly run_id: string } }).info.run_id;
}

type Answer = Readonly<Record<string, unknown>>;

/** A tracking server: requests go one after the other, until one fails. */
class Server {
  readonly #api: string;
  readonly #headers: Readonly<Record<string, string>>;
  #last: Promise<void> = Promise.resolve();
  #isAway = false;

  constructor(url: string, env: NodeJS.ProcessEnv) {
    this.#api = `${url.replace(/\/+$/, '')}/api/2.0/mlflow/`;
    const { MLFLOW_TRACKING_TOKEN: token, MLFLOW_TRACKING_USERNAME: user, MLFLOW_TRACKING_PASSWORD: password } = env;
    const basic = user === undefined ? undefined : Buffer.from(`${user}:${password ?? ''}`).toString('base64');
    const authorization = token ? `Bearer ${token}` : basic && `Basic ${basic}`;
    this.#headers = { 'content-type': 'application/json', ...(authorization && { authorization }) };
  }

  /** Does something once all before it is done, unless that failed. */
  then(send: () => unknown): void {
    this.#last = this.#last.then(async () => {
      if (this.#isAway) return;
      try {
        await send();
      } catch (error) {
        this.#isAway = true;
        warn(`MLflow receives nothing more from this run: ${(error as Error).message}. Training continues.`);
      }
    });
  }

  /** Waits for what is to be sent; what has not been by then is not. */
  async settled(milliseconds: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, milliseconds)));
    await Promise.race([this.#last, late]);
    clearTimeout(timer);
    this.#isAway = true;
  }

  /** Undefined where there is no such thing. */
  async get(path: string): Promise<Answer | undefined> {
    const response = await this.#fetch(path, {});
    return response.status === 404 ? undefined : this.#answer(path, response);
  }

  async post(path: string, body: object): Promise<Answer> {
    return this.#answer(path, await this.#fetch(path, { method: 'POST', body: JSON.stringify(body) }));
  }

  async #fetch(path: string, request: RequestInit): Promise<Response> {
    try {
      const signal = AbortSignal.timeout(patience);
      // A redirect could take the token to another server.
      return await fetch(this.#api + path, { ...request, headers: this.#headers, signal, redirect: 'error' });
    } catch (error) {
      const { message, cause } = error as Error;
      const why = (cause as Error | undefined)?.message || message;
      throw new Error(`${new URL(this.#api).origin} cannot be reached (${why})`, { cause: error });
    }
  }

  async #answer(path: string, response: Response): Promise<Answer> {
    const text = await response.text();
    if (response.ok) return JSON.parse(text) as Answer;
    throw new Error(
      `${path.split('?')[0] ?? ''} was answered with ${response.status} (${text.slice(0, 200).replace(/\s+/g, ' ')})`,
    );
  }
}
