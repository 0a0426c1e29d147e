const none = '—';
const cell = (text) => String(text).replaceAll('|', '\\|').replaceAll('\n', ' ') || none;
const row = (...cells) => `| ${cells.map(cell).join(' | ')} |`;
const table = (head, rows) => [row(...head), row(...head.map(() => '---')), ...rows.map((each) => row(...each))];
const withLinks = (text) => text.replace(/arXiv (\d{4}\.\d{4,5})/g, '[arXiv $1](https://arxiv.org/abs/$1)');
const code = (text) => (text === undefined ? none : `\`${text}\``);

/** A value for an option that has no default, so that the variant can be made and looked at. */
const exampleOf = ({ type }) => (/^(number|integer)/.test(type) ? 1 : undefined);

const answers = { linear: 'yes', 'first-order': 'yes, to first order', none: 'no' };

/**
 * Whether LETS can learn the radius of the variant, made with its default options; a dash where one cannot be guessed.
 */
function letsOf(plugin, options) {
  if (plugin.kind === 'meta') return plugin.id === 'lets' ? 'it is LETS' : 'as what it wraps';
  const required = options.filter((option) => option.required).map((option) => [option.name, exampleOf(option)]);
  const { value, issues } = plugin.options['~standard'].validate(Object.fromEntries(required));
  return issues === undefined ? answers[plugin.create(value, undefined).radius] : none;
}

function defaultOf(option) {
  if (option.default !== undefined) return code(JSON.stringify(option.default));
  return option.required ? 'required' : none;
}

/** What the page says of one plugin. */
function entryOf(plugin, describeOptions, readmeOf) {
  const options = describeOptions(plugin);
  const rules = readmeOf(plugin).match(/^```math\n[^]*?^```$/gm) ?? [];
  return { plugin, options, about: plugin.about ?? {}, lets: letsOf(plugin, options), rules };
}

function section({ plugin, options, about, lets, rules }) {
  const facts = [
    ['Paper', withLinks(about.paper ?? none)],
    ['Direction', code(about.direction)],
    ['Final gradient', code(about.finalGradient)],
    ['Gradient evaluations a step', about.evaluations ?? none],
    ['State between steps', about.state ?? none],
    ['LETS', lets],
    ...(plugin.readsBack === undefined ? [] : [['Reads back during a step', plugin.readsBack]]),
  ];
  const described = options.map((option) => [
    code(option.name),
    option.type,
    defaultOf(option),
    option.description || none,
  ]);
  return [
    '',
    `## ${plugin.id}`,
    '',
    plugin.description ?? none,
    '',
    ...rules.flatMap((rule) => [rule, '']),
    ...facts.map(([name, value]) => `- ${name}: ${value}`),
    '',
    ...(options.length === 0
      ? ['No options of its own.']
      : table(['option', 'type', 'default', 'meaning, and source of the default'], described)),
  ];
}

/** Algorithms that are left out, and the fact without which they would be our invention. */
const missing = [
  [
    'Lookbehind-SAM (arXiv 2307.16704)',
    'k ascents, a fast descent at each, and an interpolation by alpha are known; from which weights each ascent starts, the step of the ' +
      'fast descents, and which two points are interpolated are not',
  ],
];

const link = (id) => `[${id}](#${id})`;
/** What to take when: of what has been measured first. */
const choices = [
  [
    'begin',
    link('sam'),
    '2',
    'MNIST-1D with 20 % wrong labels: SGD .476, rho 0.2 .499, rho 1 .089; digits with 40 %: .671, .805 and .099',
  ],
  [
    'cannot search for rho, or start with none',
    link('lets'),
    '2.6 (robust: 3; `every: 4`: 2.25)',
    'the same two tasks, robust from 0.02: .544 and .870; on a net with batch norm no radius helped, and the warm start cost nothing that three seeds can see',
  ],
  [
    'pay for few steps only',
    `${link('rst')}, ${link('ae-sam')}, ${link('looksam')}, or \`every\` of any variant`,
    '1 to 1.5',
    'no',
  ],
  ['pay for one gradient', `${link('msam')} (momentum or Adam), ${link('rwp')}`, '1', 'no'],
  ['have weights whose scale means nothing, as before a normalization', link('asam'), '2', 'no'],
  ['train with batches so small that their noise leads the ascent', `${link('fsam')}, ${link('vasso')}`, '2', 'no'],
  ['want to perturb normalization alone', `${link('sam-on')}, or \`groups\` of any variant`, '2', 'no'],
  ['train a language model, where SAM often hurts', link('functional-sam'), '2', 'no'],
  ['have two devices', link('sampa'), '2, at once', 'no: flatmin takes them one after the other'],
  ['want no learning rate', `${link('sam-sps')}, ${link('lightsam')}`, '2', 'no'],
  ['want an uncertainty of the weights', link('bsam'), '2', 'no'],
  ['lower curvature itself, at any price', `${link('gam')}, ${link('cr-sam')}, ${link('eigen-sam')}`, '3 to 4', 'no'],
];

/**
 * The reference page of the variants, made from their own descriptions, and from the formulas of their READMEs.
 *
 * @param plugins what is registered; variants and metas are listed, by name.
 * @param describeOptions of `@flatmin/core`.
 * @param readmeOf the README of a plugin.
 */
export function variantsPage(plugins, describeOptions, readmeOf) {
  const entries = plugins
    .filter(({ kind }) => kind === 'variant' || kind === 'meta')
    .sort((a, b) => a.id.localeCompare(b.id))
    .map((plugin) => entryOf(plugin, describeOptions, readmeOf));
  const overview = entries.map(({ plugin, about, lets }) => [
    `[${plugin.id}](#${plugin.id})`,
    plugin.description ?? '',
    about.evaluations ?? none,
    about.state ?? none,
    lets,
  ]);
  return [
    '# Variants',
    '',
    '<!-- Made by node tools/docs/writeVariants.mjs from the plugins: change it there. -->',
    '',
    'Every algorithm that `createOptimizer` of `flatmin` knows.',
    '',
    'The offset of a step is rho times the direction. `g` is the gradient at the weights, `gp` ($g_p$ in formulas) the one at the',
    'offset, `||.||` the norm over all trainable weights. Variants also take `every`, `start`, `end` and `microBatches` (m-sharpness), and every optimizer',
    '`base`, `clipNorm`, `centralize`, `groups`, `lookahead`, `average`, `accumulate`, `guard` and `seed`, once, at any level. A meta',
    'wraps the variant in `inner`.',
    '',
    '## Which variant?',
    '',
    'Begin with `sam`, and let `lets` find its radius if you cannot try several. Take another one for a reason, and compare it',
    'at equal cost on your own held-out data (`flatmin compare`). Measured means here: test accuracy of MLPs over six seeds, in',
    '[a study that one command repeats](../studies/lets-small.md). Where it says no, we know that the algorithm does what its',
    'authors wrote (by reference trajectories, or by hand), and not what it is worth.',
    '',
    ...table(['you', 'take', 'gradients a step', 'measured here'], choices),
    '',
    '## All of them',
    '',
    ...table(['variant', 'what it does', 'gradient evaluations a step', 'state between steps', 'LETS'], overview),
    ...entries.flatMap(section),
    '',
    '## Not here, and which fact is missing',
    '',
    'Their sources could not be read in full. If you have the paper, you can write them as plugins: see the',
    '[example](../examples/third-party-variant).',
    '',
    ...table(
      ['algorithm', 'what is missing'],
      missing.map((each) => each.map(withLinks)),
    ),
    '',
  ].join('\n');
}
