// Prints what Vite makes of a page of this text: `node tools/browser/viteBundle.mjs TEXT DEFINITIONS`. A program, since
// Vite is an ES module that jest's sandbox cannot load.
import { build } from 'vite';
import { ROOT } from '../setup/steps.mjs';

const [contents, definitions] = process.argv.slice(2);
const page = 'virtual:page';
const building = build({
  configFile: false,
  root: ROOT,
  logLevel: 'error',
  define: JSON.parse(definitions),
  plugins: [
    {
      name: 'page',
      // Resolved as if it lay at the root of the repository.
      resolveId: (id) => (id === page ? `${ROOT}/page.js` : undefined),
      load: (id) => (id === `${ROOT}/page.js` ? contents : undefined),
    },
  ],
  build: {
    write: false,
    rollupOptions: {
      input: page,
      external: /^@tensorflow\//,
      output: { format: 'cjs', exports: 'named' },
      preserveEntrySignatures: 'strict',
      // Vite puts an empty module in the place of one of Node's and warns, and the page fails when it runs.
      onwarn: ({ message }) => {
        if (message.includes('externalized for browser compatibility')) throw new Error(message);
      },
    },
  },
});
// Of an error the message alone: it lists every file besides.
/** @type {any} of one build, that is not watched */
const { output } = await building.catch(({ message }) => {
  process.stderr.write(`${message}\n`);
  process.exit(1);
});
process.stdout.write(output.find(({ type }) => type === 'chunk').code);
