import { tokens } from '@flatmin/core';
import { ContainerModule } from 'inversify';
import { warn } from '../terminal/terminal.js';

/**
 * What core and the plugins log, as the command says it: on standard error, without what a text from a file could do to
 * the terminal. A module that the user names may bind another logger.
 */
export const terminalLogger = new ContainerModule(({ rebind }) => {
  rebind(tokens.Logger).toConstantValue({ info: warn, warn });
});
