import { backends, type BackendName, isAvailable } from './backends.js';
import { type Method, methodOf, methods } from './methods.js';
import { element } from './page.js';

const radii = [0, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2];
const learningRates = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5];

/** A range input that goes through given numbers. */
class Slider {
  readonly #input: HTMLInputElement;
  readonly #output: HTMLOutputElement;
  readonly #values: readonly number[];

  constructor(id: string, values: readonly number[], value: number, changed: (value: number) => void) {
    this.#input = element(id, HTMLInputElement);
    this.#output = element(`${id}-value`, HTMLOutputElement);
    this.#values = values;
    Object.assign(this.#input, { min: '0', max: String(values.length - 1), step: '1' });
    this.value = value;
    this.#input.addEventListener('input', () => {
      this.#show();
      changed(this.value);
    });
  }

  get value(): number {
    return this.#values[Number(this.#input.value)]!;
  }

  /** Goes to the nearest number there is. */
  set value(wanted: number) {
    const distances = this.#values.map((value) => Math.abs(value - wanted));
    this.#input.value = String(distances.indexOf(Math.min(...distances)));
    this.#show();
  }

  set enabled(enabled: boolean) {
    this.#input.disabled = !enabled;
    this.#show();
  }

  #show(): void {
    const text = this.#input.disabled ? 'none' : String(this.value);
    this.#output.value = text;
    this.#input.setAttribute('aria-valuetext', text);
  }
}

export interface ControlEvents {
  /** What needs another start: method, backend, labels. */
  changed(): void;
  radius(run: number, radius: number): void;
  learningRate(learningRate: number): void;
}

/** Which method a run trains with, and from which radius. */
class RunControls {
  readonly #select: HTMLSelectElement;
  readonly #about: HTMLElement;
  readonly #radius: Slider;

  constructor(name: string, method: Method, radius: number, onMethod: () => void, onRadius: (radius: number) => void) {
    this.#select = element(`method-${name}`, HTMLSelectElement);
    this.#about = element(`about-${name}`, HTMLElement);
    this.#radius = new Slider(`radius-${name}`, radii, radius, onRadius);
    for (const group of new Set(methods.map((each) => each.group))) {
      const options = methods.filter((each) => each.group === group).map((each) => new Option(each.name, each.id));
      const list = Object.assign(document.createElement('optgroup'), { label: group });
      list.append(...options);
      this.#select.append(list);
    }
    this.#select.value = method.id;
    this.#show();
    this.#select.addEventListener('change', () => {
      // Radii of two methods are not alike: one that is good for SAM is small for ASAM.
      this.#radius.value = this.method.radius ?? 0;
      this.#show();
      onMethod();
    });
  }

  get method(): Method {
    return methodOf(this.#select.value);
  }

  get radius(): number {
    return this.#radius.value;
  }

  #show(): void {
    this.#about.textContent = this.method.about;
    this.#radius.enabled = this.method.radius !== null;
  }
}

/** What the form says. */
export class Controls {
  readonly runs: readonly RunControls[];
  readonly #backend = element('backend', HTMLSelectElement);
  readonly #noise = element('noise', HTMLSelectElement);
  readonly #learningRate: Slider;

  constructor({ changed, learningRate, radius }: ControlEvents) {
    this.runs = [
      new RunControls('a', methodOf('sam'), 0.05, changed, (value) => radius(0, value)),
      new RunControls('b', methodOf('lets-sam'), 0.05, changed, (value) => radius(1, value)),
    ];
    this.#learningRate = new Slider('learning-rate', learningRates, 0.1, learningRate);
    for (const name of backends) {
      const option = new Option(isAvailable(name) ? name : `${name} (not in this browser)`, name);
      option.disabled = !isAvailable(name);
      this.#backend.append(option);
    }
    this.#backend.value = backends.find(isAvailable)!;
    this.#backend.addEventListener('change', changed);
    this.#noise.addEventListener('change', changed);
  }

  get backend(): BackendName {
    return this.#backend.value as BackendName;
  }

  get noise(): number {
    return Number(this.#noise.value);
  }

  get learningRate(): number {
    return this.#learningRate.value;
  }
}
