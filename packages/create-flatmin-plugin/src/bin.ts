#!/usr/bin/env node
import { runCommandLine } from './program.js';

process.exitCode = runCommandLine(process.argv);
