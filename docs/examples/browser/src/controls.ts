import { isAvailable } from './backends.js';
import { type Method, methodOf, methods } from './methods.js';
import { element } from './page.js';
import {
  backends,
  type BackendName,
  learningRates,
  nearest,
  noises,
  ownRadius,
  type PageSettings,
  radii,
  type RunChoice,
} from './settings.js';

/** A range input that goes through given numbers. */
class Slider {
  readonly #input: HTMLInputElement;
  readonly #output: HTMLOutputElement;
  readonly #values: readonly number[];

  constructor(id: string, values: readonly number[], changed: (value: number) => void) {
    this.#input = element(id, HTMLInputElement);
    this.#output = element(`${id}-value`, HTMLOutputElement);
    this.#values = values;
    Object.assign(this.#input, { min: '0', max: String(values.length - 1), step: '1' });
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
    this.#input.value = String(this.#values.indexOf(nearest(this.#values, wanted)));
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

  constructor(name: string, onMethod: () => void, onRadius: (radius: number) => void) {
    this.#select = element(`method-${name}`, HTMLSelectElement);
    this.#about = element(`about-${name}`, HTMLElement);
    this.#radius = new Slider(`radius-${name}`, radii, onRadius);
    for (const group of new Set(methods.map((each) => each.group))) {
      const options = methods.filter((each) => each.group === group).map((each) => new Option(each.name, each.id));
      const list = Object.assign(document.createElement('optgroup'), { label: group });
      list.append(...options);
      this.#select.append(list);
    }
    this.#select.addEventListener('change', () => {
      // Radii of two methods are not alike: one that is good for SAM is small for ASAM.
      this.#radius.value = ownRadius(this.method);
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

  get choice(): RunChoice {
    return { method: this.method, radius: this.radius };
  }

  set choice({ method, radius }: RunChoice) {
    this.#select.value = method.id;
    this.#radius.value = radius;
    this.#show();
  }

  #show(): void {
    this.#about.textContent = this.method.about;
    this.#radius.enabled = this.method.radius !== null;
  }
}

/** What the form says. */
export class Controls {
  readonly runs: readonly [RunControls, RunControls];
  readonly #backend = element('backend', HTMLSelectElement);
  readonly #noise = element('noise', HTMLSelectElement);
  readonly #learningRate: Slider;

  constructor({ changed, learningRate, radius }: ControlEvents) {
    this.runs = [
      new RunControls('a', changed, (value) => radius(0, value)),
      new RunControls('b', changed, (value) => radius(1, value)),
    ];
    this.#learningRate = new Slider('learning-rate', learningRates, learningRate);
    for (const name of backends) {
      const option = new Option(isAvailable(name) ? name : `${name} (not in this browser)`, name);
      option.disabled = !isAvailable(name);
      this.#backend.append(option);
    }
    for (const share of noises) {
      this.#noise.append(new Option(share === 0 ? 'none' : `${share * 100} %`, String(share)));
    }
    this.#backend.addEventListener('change', changed);
    this.#noise.addEventListener('change', changed);
  }

  get settings(): PageSettings {
    const [a, b] = this.runs;
    return {
      runs: [a.choice, b.choice],
      noise: Number(this.#noise.value),
      learningRate: this.#learningRate.value,
      backend: this.#backend.value as BackendName,
    };
  }

  set settings({ runs, noise, learningRate, backend }: PageSettings) {
    this.runs.forEach((each, i) => (each.choice = runs[i]!));
    this.#noise.value = String(noise);
    this.#learningRate.value = learningRate;
    this.#backend.value = backend;
  }
}
