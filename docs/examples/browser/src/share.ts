import { element } from './page.js';

const button = element('share', HTMLButtonElement);
const field = element('link', HTMLInputElement);
const says = element('share-says', HTMLOutputElement);

/** Makes the button copy a link; where the page may not, the link is selected for its user to copy. */
export function shareButton(link: () => string): void {
  button.addEventListener('click', async () => {
    field.value = link();
    field.hidden = false;
    try {
      await navigator.clipboard.writeText(field.value);
      says.value = 'Copied.';
    } catch {
      field.focus();
      field.select();
      says.value = 'The link is selected: copy it from the field.';
    }
  });
}

/** The link that is shown is of other settings than those that are set now. */
export function forgetLink(): void {
  field.hidden = true;
  says.value = '';
}
