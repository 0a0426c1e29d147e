import { describe, expect, it } from '@jest/globals';
import { benchmarkPage } from './page.mjs';
import { judged } from './targets.mjs';

const row = (subject, mode, median, others = {}) => ({
  subject,
  mode,
  steps: 1,
  median,
  low: median,
  high: median,
  samples: 3,
  ...others,
});
const results = {
  machine: { cpu: 'A CPU', cores: 2, memory: 8, system: 'Linux', node: '20', tfjs: '4', tensorflow: '2' },
  notes: ['torch is left out: torch was not found'],
  seconds: 600,
  written: '2000-01-01',
  models: [
    {
      id: 'small',
      title: 'small MLP',
      parameters: 10,
      tensors: 6,
      rows: [
        row('sam', 'jax', 0.3),
        row('sam', 'eager', 5, { ratio: 1.2, copies: 3 }),
        row('sam', 'captured', 0.45, { ratio: 1.02 }),
        { subject: 'esam', mode: 'captured', steps: 1, refused: 'CAPTURE_REFUSED: why' },
      ],
    },
    {
      id: 'large',
      title: 'large MLP',
      parameters: 10,
      tensors: 6,
      rows: [
        row('sam', 'eager', 15, { ratio: 1.08, copies: 2.001 }),
        row('sam', 'captured', 16, { ratio: 1.01 }),
        row('esam', 'captured', 4, { inSamSteps: 0.7 }),
      ],
    },
  ],
  commands: { help: { median: 0.15 }, firstStep: { median: 2.9 } },
};
const verdictOn = (text, from = results) => judged(from).find((each) => each.text.startsWith(text));

describe('the targets', () => {
  it('compare medians of one model across modes', () => {
    expect(verdictOn('small: SAM captured, in SAM steps of jax')).toMatchObject({ value: 1.5, limit: 1.5, met: true });
  });

  it('take the worst of all models where they hold everywhere, and say which', () => {
    expect(verdictOn('SAM captured, in eager SAM steps')).toMatchObject({ value: 16 / 15, where: 'large', met: false });
    expect(verdictOn('sam captured, of its floor')).toMatchObject({ value: 1.02, where: 'small', met: true });
    expect(verdictOn('SAM eager, copies')).toMatchObject({ value: 3, where: 'small', met: false });
  });

  it('tell at most from under', () => {
    expect(verdictOn('large: SAM eager, of its floor')).toMatchObject({ value: 1.08, met: true });
    expect(verdictOn('flatmin --help')).toMatchObject({ value: 0.15, met: false });
    expect(verdictOn('the first step')).toMatchObject({ met: true });
  });

  it('forgive a copy some bytes, and no more', () => {
    const only = { ...results, models: [results.models[1]] };
    expect(verdictOn('SAM eager, copies', only)).toMatchObject({ value: 2.001, met: true });
  });

  it('judge nothing that was not measured', () => {
    for (const text of ['small: SAM captured, in SAM steps of torch', 'cnn: LookSAM', 'the quickstart']) {
      expect(verdictOn(text)?.met).toBeUndefined();
    }
  });
});

describe('the page', () => {
  const page = benchmarkPage(results, 'plots');

  it('names the machine and what was left out', () => {
    expect(page).toContain('Machine: A CPU, 2 cores');
    expect(page).toContain('- torch is left out: torch was not found');
  });

  it('shows each target with its verdict', () => {
    expect(page).toContain('| flatmin --help | under 0.15 s | 0.150 s | **not met** |');
    expect(page).toContain('| large: ESAM captured, in SAM steps | at most 0.8 | 0.700 | met |');
    expect(page).toContain('| the quickstart | under 30 s | – | not measured |');
  });

  it('has the reason where a capture was refused', () => {
    expect(page).toContain('- esam, captured: CAPTURE_REFUSED: why');
  });

  it('has rows as long as their heads', () => {
    for (const table of page.split('\n\n').filter((part) => part.startsWith('|'))) {
      const widths = table
        .trim()
        .split('\n')
        .map((line) => line.split(' | ').length);
      expect(new Set(widths).size).toBe(1);
    }
  });
});
