import { useBackend } from './backends.js';
import { Charts } from './charts.js';
import { Controls } from './controls.js';
import { Figures } from './figures.js';
import { element } from './page.js';
import { epochs, type RunSettings, type Watcher } from './run.js';
import { Session } from './session.js';
import { SliceChart } from './sliceChart.js';
import { Story } from './story.js';
import './style.css';

const message = element('message', HTMLElement);
const buttons = {
  start: element('start', HTMLButtonElement),
  pause: element('pause', HTMLButtonElement),
  reset: element('reset', HTMLButtonElement),
};
const charts = new Charts();
const figures = [new Figures('figures-a'), new Figures('figures-b')];
const sliceChart = new SliceChart();
const controls = new Controls({
  changed: () => {
    story.follow();
    void reset('Changed: press Start to train again.');
  },
  radius: (run, radius) => {
    story.follow();
    attempt(() => session?.setRadius(run, radius));
  },
  learningRate: (learningRate) => {
    story.follow();
    session?.setLearningRate(learningRate);
  },
});
const story = new Story(controls, (problems) => {
  void reset().then(() => say(...problems));
});

type State = 'ready' | 'busy' | 'training' | 'paused' | 'over';
let session: Session | undefined;
/** Of runs of this session. */
let failures: unknown[] = [];
let text = '';

function show(state: State, what: string): void {
  document.body.dataset['state'] = state;
  buttons.start.disabled = state === 'busy' || state === 'training' || state === 'over';
  buttons.pause.disabled = state !== 'training';
  buttons.reset.disabled = state === 'busy' || state === 'ready';
  buttons.start.textContent = state === 'paused' ? 'Go on' : 'Start';
  text = what;
  say();
}

/** Shows what is wrong, if anything is, else how it stands. */
function say(...problems: readonly unknown[]): void {
  const all = [...failures, ...problems].map((each) => (each instanceof Error ? each.message : String(each)));
  message.textContent = all.join('\n') || text;
  message.classList.toggle('error', all.length > 0);
}

/** Changes something of a session that trains. */
function attempt(change: () => void): void {
  try {
    change();
    say();
  } catch (error) {
    say(error);
  }
}

const watchers: readonly Watcher[] = figures.map((each, run) => ({
  onStep: (step) => each.step(step),
  onPoint: (point) => {
    each.point(point);
    charts.add(run, point);
  },
  onSlice: (slice) => sliceChart.show(run, slice),
  onFailure: (error) => {
    failures.push(error);
    say();
  },
}));

/** Counts what was asked for last: a start that waited for its backend must not undo a later reset. */
let asked = 0;
/** Of the last session: a run ends the step it is at, and until then the page is its own. */
let stopped: Promise<void> = Promise.resolve();

async function start(): Promise<void> {
  const mine = ++asked;
  const { backend, learningRate, noise, runs } = controls.settings;
  const settings = runs.map(({ method, radius }): RunSettings => ({ method, radius, learningRate, noise, epochs }));
  try {
    show('busy', `Loading the backend ${backend} ...`);
    await useBackend(backend);
    if (mine !== asked) return;
    const begun = await Session.begin(settings, watchers);
    if (mine !== asked) {
      stopped = begun.stop();
      return;
    }
    session = begun;
    show('training', `Training with the backend ${backend}.`);
    await begun.ended;
    if (session === begun) show('over', `Done: ${epochs} epochs. Reset to train again.`);
  } catch (error) {
    show('ready', '');
    say(error);
  }
}

async function reset(what = 'Ready. Press Start.'): Promise<void> {
  const mine = ++asked;
  show('busy', 'Stopping ...');
  if (session !== undefined) stopped = session.stop();
  session = undefined;
  await stopped;
  if (mine !== asked) return;
  failures = [];
  charts.clear();
  sliceChart.clear();
  figures.forEach((each, run) => each.clear(controls.runs[run]!.method.name));
  show('ready', what);
}

function goOn(): void {
  session?.resume();
  show('training', 'Training.');
}

buttons.start.addEventListener('click', () => (session === undefined ? void start() : goOn()));
buttons.pause.addEventListener('click', () => {
  session?.pause();
  show('paused', 'Paused.');
});
buttons.reset.addEventListener('click', () => void reset());
story.open();

/** For tests, and for the console of the curious: what the charts show, by run. */
const flatminExample = {
  points: () => charts.points.map((points) => [...points.values()]),
  slices: () => [...sliceChart.slices],
};
Object.assign(globalThis, { flatminExample });
