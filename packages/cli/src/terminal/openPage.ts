import { warn } from '@flatmin/experiments/terminal';
import path from 'node:path';

/**
 * Opens a page in the user's browser, without waiting for it; where there is none, a line says so: the page is written
 * all the same.
 */
export async function openPage(file: string): Promise<void> {
  const { default: open } = await import('open'); // Only here: `--help` must not wait for it.
  const page = path.resolve(file); // A browser may have another working directory.
  const failed = (error: Error): void => warn(`No browser could be opened (${error.message}). The page is ${page}.`);
  try {
    const browser = await open(page);
    browser.once('error', failed);
  } catch (error) {
    failed(error as Error);
  }
}
