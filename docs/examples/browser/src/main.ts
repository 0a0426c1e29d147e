import { useBackend } from './backends.js';
import { Charts } from './charts.js';
import { Controls } from './controls.js';
import { Figures } from './figures.js';
import { element } from './page.js';
import type { RunSettings, Watcher } from './run.js';
import { Session } from './session.js';
import './style.css';

const epochs = 40;

const message = element('message', HTMLElement);
const buttons = {
  start: element('start', HTMLButtonElement),
  pause: element('pause', HTMLButtonElement),
  reset: element('reset', HTMLButtonElement),
};
const charts = new Charts();
const figures = [new Figures('figures-a'), new Figures('figures-b')];
const controls = new Controls({
  changed: () => reset('Changed: press Start to train anew.'),
  radius: (run, radius) => attempt(() => session?.setRadius(run, radius)),
  learningRate: (learningRate) => session?.setLearningRate(learningRate),
});

type State = 'ready' | 'busy' | 'training' | 'paused' | 'over';
let session: Session | undefined;

function show(state: State, text: string): void {
  document.body.dataset['state'] = state;
  message.textContent = text;
  message.classList.remove('error');
  buttons.start.disabled = state === 'busy' || state === 'training' || state === 'over';
  buttons.pause.disabled = state !== 'training';
  buttons.reset.disabled = state === 'busy' || state === 'ready';
  buttons.start.textContent = state === 'paused' ? 'Go on' : 'Start';
}

function showErrors(errors: readonly unknown[]): void {
  message.textContent = errors.map((error) => (error instanceof Error ? error.message : String(error))).join('\n');
  message.classList.add('error');
}

function attempt(work: () => void): void {
  try {
    work();
  } catch (error) {
    showErrors([error]);
  }
}

const watchers: readonly Watcher[] = figures.map((each, run) => ({
  onStep: (step) => each.step(step),
  onPoint: (point) => {
    each.point(point);
    charts.add(run, point);
  },
}));

async function start(): Promise<void> {
  if (session !== undefined) {
    session.resume();
    return show('training', `Training with the backend ${controls.backend}.`);
  }
  try {
    show('busy', `Loading the backend ${controls.backend} ...`);
    await useBackend(controls.backend);
    const { learningRate, noise } = controls;
    const settings = controls.runs.map(({ method, radius }): RunSettings => {
      return { method, radius, learningRate, noise, epochs };
    });
    const begun = (session = new Session(settings, watchers));
    show('training', `Training with the backend ${controls.backend}.`);
    const errors = await begun.ended;
    if (session !== begun) return;
    show('over', `Done: ${epochs} epochs. Reset to train anew.`);
    if (errors.length > 0) showErrors(errors);
  } catch (error) {
    show('ready', '');
    showErrors([error]);
  }
}

function clear(): void {
  charts.clear();
  figures.forEach((each, run) => each.clear(controls.runs[run]!.method.name));
}

async function reset(text = 'Ready. Press Start.'): Promise<void> {
  const stopped = session;
  session = undefined;
  show('busy', 'Stopping ...');
  await stopped?.stop();
  clear();
  show('ready', text);
}

buttons.start.addEventListener('click', () => void start());
buttons.pause.addEventListener('click', () => {
  session?.pause();
  show('paused', 'Paused.');
});
buttons.reset.addEventListener('click', () => void reset());
clear();
show('ready', 'Ready. Press Start.');

/** For tests, and for the console of the curious: what the charts show, by run. */
Object.assign(globalThis, { flatminExample: { points: () => charts.points.map((points) => [...points.values()]) } });
