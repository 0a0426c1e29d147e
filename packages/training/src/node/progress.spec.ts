import { describe, expect, it, jest } from '@jest/globals';
import { Writable } from 'node:stream';
import { progress } from './progress.js';
import { duration, progressDisplay } from './progressDisplay.js';

class Screen extends Writable {
  text = '';
  constructor(readonly isTTY: boolean) {
    super();
  }
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
  // What cli-progress asks a terminal for.
  readonly columns = 120;
  cursorTo(): void {}
  clearLine(): void {}
}

function displayOn(stream: Screen, total = 100, options: object = {}) {
  const time = { now: 0 };
  return { time, display: progressDisplay({ total, stream, clock: () => time.now, ...options }) };
}

describe('progressDisplay', () => {
  it.each([true, false])('shows nothing for what is over in two seconds (terminal: %s)', (isTTY) => {
    const screen = new Screen(isTTY);
    const { time, display } = displayOn(screen);
    for (const done of [25, 50, 75, 100]) {
      time.now = done / 60;
      display.update(done, { loss: '1' });
    }
    display.stop();
    expect(screen.text).toBe('');
  });

  it('writes plain lines without a terminal, with the share done and the time left', () => {
    const screen = new Screen(false);
    const { time, display } = displayOn(screen);
    for (let done = 5; done <= 100; done += 5) {
      time.now = done / 5;
      display.update(done, { loss: String(done) });
    }
    display.stop();
    expect(screen.text.split('\n')).toEqual([
      '5% loss 5 · 19 s left',
      '30% loss 30 · 14 s left',
      '55% loss 55 · 9 s left',
      '80% loss 80 · 4 s left',
      '',
    ]);
  });

  it('draws a bar on a terminal from the first update that foresees more than two seconds', () => {
    const screen = new Screen(true);
    const { time, display } = displayOn(screen);
    time.now = 1;
    display.update(10, { loss: '0.5' });
    expect(screen.text).toContain('10% loss 0.5 · 9 s left');
    expect(screen.text).toContain('█');
    display.stop();
  });

  it('says nothing after it was stopped', () => {
    const screen = new Screen(false);
    const { time, display } = displayOn(screen);
    display.stop();
    time.now = 50;
    display.update(50, {});
    expect(screen.text).toBe('');
  });

  it('reads durations as people do', () => {
    expect([0.4, 59.4, 65, 7800].map(duration)).toEqual(['0 s', '59 s', '1 min 5 s', '2 h 10 min']);
  });
});

describe('progress', () => {
  it('shows epoch, loss, accuracy, rho and time left', () => {
    const screen = new Screen(false);
    const callbacks = progress({ stream: screen, lineEvery: 0 });
    const lastStep = { loss: 0.5, radius: 0.05, gradientEvaluations: 2, perturbationNorm: 0.05 };
    const event = { step: 50, totalSteps: 100, epoch: 1, learningRate: 0.1, gradientEvaluations: 100, lastStep };
    const metrics = { loss: 1, accuracy: 0.71234 };
    void callbacks.onStart?.({ totalSteps: 100, stepsPerEpoch: 50, epochs: 2 });
    void callbacks.onLog?.({ ...event, loss: 0.5, radius: 0.05, secondsElapsed: 10, secondsLeft: 10 });
    const record = { epoch: 1, step: 50, learningRate: 0.1, loss: 1, radius: null, gradientEvaluations: 100 };
    void callbacks.onEpoch?.({ ...record, validation: metrics });
    void callbacks.onLog?.({
      ...event,
      step: 60,
      epoch: 2,
      loss: 0.4,
      radius: null,
      secondsElapsed: 12,
      secondsLeft: 8,
    });
    void callbacks.onEnd?.({ how: 'finished' });
    expect(screen.text.split('\n')).toEqual([
      '50% epoch 1/2 · loss 0.5000 · rho 0.0500 · 10 s left',
      '60% epoch 2/2 · loss 0.4000 · accuracy 0.712 · 8 s left',
      '',
    ]);
  });
});

describe('case 35: progress is never silent for long', () => {
  /**
   * A run of three epochs of four steps on an injected clock: seconds of the first and later steps, and of an
   * evaluation.
   */
  function watched(isTTY: boolean, { first = 20, step = 3, evaluation = 6 } = {}) {
    const screen = new Screen(isTTY);
    const time = { now: 0 };
    const now = jest.spyOn(Date, 'now').mockImplementation(() => 1000 * time.now); // Of the bar.
    const said: { readonly at: number; readonly text: string }[] = [];
    const write = screen.write.bind(screen);
    screen.write = ((chunk: string) => {
      said.push({ at: time.now, text: chunk });
      return write(chunk);
    }) as typeof screen.write;
    const callbacks = progress({ stream: screen, clock: () => time.now });
    const totalSteps = 12;
    const phase = (name: 'trying' | 'reading' | 'recording' | 'evaluating', at: number, more: object = {}): void =>
      void callbacks.onPhase?.({ phase: name, step: at, totalSteps, ...more });
    phase('trying', 0);
    time.now += 1;
    void callbacks.onStart?.({ totalSteps, stepsPerEpoch: 4, epochs: 3 });
    for (let i = 0; i < totalSteps; i++) {
      const epoch = Math.floor(i / 4) + 1;
      if (i % 4 === 0) phase('reading', i);
      if (i === 0) phase('recording', i);
      time.now += i === 0 ? first : step;
      const secondsLeft = i === 0 ? NaN : (totalSteps - i - 1) * step;
      void callbacks.onStep?.({ step: i + 1, totalSteps, epoch, learningRate: 0.1, secondsLeft });
      if (i % 4 !== 3) continue;
      for (const done of [0, 50, 100]) {
        if (done > 0) time.now += evaluation / 2;
        phase('evaluating', i + 1, { part: 'test', done, total: 100 });
      }
    }
    void callbacks.onEnd?.({ how: 'finished' });
    now.mockRestore();
    return { said, screen };
  }

  it('says what begins at once, in words', () => {
    const { said } = watched(false);
    expect(said[0]).toEqual({ at: 0, text: '0% trying a batch\n' });
    expect(said.map(({ text }) => text)).toEqual(
      expect.arrayContaining([expect.stringMatching(/^33% epoch 1\/3 · evaluating test 50\/100\n$/)]),
    );
  });

  it('says recording before it begins, whatever was said a moment ago', () => {
    const { said } = watched(false);
    expect(said[1]).toEqual({ at: 1, text: '0% recording a step as a graph\n' });
  });

  it('where steps are slow: a line each five seconds in a pipe, and not more', () => {
    const { said } = watched(false);
    const gaps = said.slice(2).map(({ at }, i) => at - (said[i + 1]?.at ?? 0));
    expect(Math.max(...gaps.slice(1))).toBeLessThanOrEqual(6);
    expect(said.length).toBeLessThan(20);
  });

  it('on a terminal: at every step', () => {
    const { screen } = watched(true);
    for (let step = 1; step <= 11; step++) expect(screen.text).toContain(`${Math.floor((100 * step) / 12)}% epoch`);
  });

  it('leaves the first step out of the time left', () => {
    const { said } = watched(false);
    const [left] = said.flatMap(({ text }) => /(\d+) s left/.exec(text)?.[1] ?? []);
    expect(Number(left)).toBeLessThanOrEqual(30); // 10 steps of 3 s, where the first took 20.
  });
});
