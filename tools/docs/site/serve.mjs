// Serves the built site on this machine alone, and prints where: VitePress's own `preview` listens on every interface.
import path from 'node:path';
// Not among our dependencies: this is to be the one that VitePress brings.
import { preview } from 'vite';
import { ROOT as root } from '../../setup/steps.mjs';

const server = await preview({
  configFile: false,
  root: path.join(root, 'docs'),
  appType: 'mpa',
  build: { outDir: '.vitepress/dist' },
  preview: { host: '127.0.0.1' },
});
server.printUrls();
