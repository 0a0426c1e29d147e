import { describe } from '@jest/globals';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

const isThere = spawnSync('redis-server', ['--version']).status === 0;

/** Where CI runs the tests, it is to have one. */
export const describeWithRedis = (what: string, tests: () => void): void => {
  if (isThere || process.env['CI'] !== undefined) describe(what, tests);
  else describe.skip(`${what} (skipped: install the package redis-server)`, tests);
};

/** A Redis of the test's own, on a free port of this machine, with an append-only file and a password. */
export class RedisServer {
  readonly password = 'correct-horse';
  readonly #directory = mkdtempSync(path.join(tmpdir(), 'flatmin-redis-'));
  readonly #settings: readonly string[];
  #port = 0;
  #process: ChildProcess | undefined;

  constructor(...settings: readonly string[]) {
    this.#settings = settings;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.#port}`;
  }

  async start(): Promise<void> {
    if (this.#port === 0) this.#port = await freePort();
    const settings = ['--bind', '127.0.0.1', '--port', String(this.#port), '--dir', this.#directory, '--save', ''];
    const secret = ['--requirepass', this.password, '--appendonly', 'yes'];
    const child = spawn('redis-server', [...settings, ...secret, ...this.#settings], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    this.#process = child;
    let said = '';
    for await (const chunk of child.stdout) {
      said += String(chunk);
      if (said.includes('Ready to accept connections')) break;
    }
    if (child.exitCode !== null) throw new Error(`redis-server ended: ${said}`);
  }

  /** As the end of its machine. */
  async kill(): Promise<void> {
    if (this.#process === undefined || this.#process.exitCode !== null) return;
    const ended = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await ended;
  }

  async remove(): Promise<void> {
    await this.kill();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
