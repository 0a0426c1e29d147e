import { element } from './page.js';
import type { Point, PackedMetrics } from './run.js';

const names = ['Method', 'Step', 'Epoch', 'Radius ρ', 'Batch loss', 'Test accuracy', 'ms per step'] as const;
type Name = (typeof names)[number];

const nothing = '–';
/** Steps whose times are averaged: one time alone jumps about. */
const timedSteps = 20;

/** The last figures of a run, in the page. */
export class Figures {
  readonly #cells = new Map<Name, HTMLElement>();
  #times: number[] = [];

  constructor(id: string) {
    const list = element(id, HTMLDListElement);
    for (const name of names) {
      const term = Object.assign(document.createElement('dt'), { textContent: name });
      const cell = Object.assign(document.createElement('dd'), { textContent: nothing });
      const group = document.createElement('div');
      group.append(term, cell);
      list.append(group);
      this.#cells.set(name, cell);
    }
  }

  /** Forgets all figures: now of a run with this method. */
  clear(method: string): void {
    this.#times = [];
    for (const cell of this.#cells.values()) cell.textContent = nothing;
    this.#show('Method', method);
  }

  step({ epoch, loss, milliseconds, radius, step }: PackedMetrics): void {
    this.#times = [...this.#times.slice(1 - timedSteps), milliseconds];
    this.#show('Step', String(step));
    this.#show('Epoch', String(epoch));
    this.#show('Radius ρ', radius === null ? 'none' : String(Number(radius.toPrecision(4))));
    this.#show('Batch loss', loss.toFixed(4));
    this.#show('ms per step', (this.#times.reduce((sum, time) => sum + time, 0) / this.#times.length).toFixed(1));
  }

  point({ accuracy }: Point): void {
    this.#show('Test accuracy', accuracy.toFixed(3));
  }

  #show(name: Name, text: string): void {
    this.#cells.get(name)!.textContent = text;
  }
}
