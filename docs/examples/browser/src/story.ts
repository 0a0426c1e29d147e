import { isAvailable } from './backends.js';
import type { Controls } from './controls.js';
import { element } from './page.js';
import { presetOf, presets } from './presets.js';
import { backends, fragmentOf, type PageSettings, settingsOf } from './settings.js';
import { forgetLink, shareButton } from './share.js';

/** The settings as a whole: as a preset of the menu, and as the address of the page. */
export class Story {
  readonly #menu = element('preset', HTMLSelectElement);
  readonly #look = element('look', HTMLElement);
  readonly #own = new Option('Your own settings', '');
  readonly #controls: Controls;
  readonly #changed: (problems: readonly string[]) => void;

  /** @param changed all controls were set, and this was wrong with the link. */
  constructor(controls: Controls, changed: (problems: readonly string[]) => void) {
    this.#controls = controls;
    this.#changed = changed;
    this.#menu.append(...presets.map(({ id, name }) => new Option(name, id)));
    this.#menu.addEventListener('change', () => {
      const { backend } = controls.settings;
      controls.settings = { ...presets.find(({ id }) => id === this.#menu.value)!.settings, backend };
      this.follow();
      changed([]);
    });
    shareButton(() => new URL(`#${this.#fragment}`, location.href).href);
    addEventListener('hashchange', () => this.open());
  }

  /** Sets the controls as the address says. */
  open(): void {
    const standard: PageSettings = { ...presets[0].settings, backend: backends.find(isAvailable)! };
    const { settings, problems } = settingsOf(location.hash, standard, isAvailable);
    this.#controls.settings = settings;
    this.#show();
    this.#changed(problems);
  }

  /** Makes the address say what the controls do, so that a reload gives the same page. */
  follow(): void {
    history.replaceState(null, '', `#${this.#fragment}`);
    this.#show();
  }

  get #fragment(): string {
    return fragmentOf(this.#controls.settings);
  }

  #show(): void {
    forgetLink();
    const preset = presetOf(this.#controls.settings);
    // Nobody can choose what is no preset; it is only shown.
    if (preset === undefined) this.#menu.prepend(this.#own);
    else this.#own.remove();
    this.#menu.value = preset?.id ?? '';
    this.#look.textContent = preset?.look ?? 'Compare the two curves around the weights, and the test accuracy.';
  }
}
