#!/usr/bin/env node
import { program } from './program.js';
import { endWithReader, processTerminal } from './terminal.js';

endWithReader(process);
process.exitCode = await program(process.argv.slice(2), (isQuiet) =>
  processTerminal(process, isQuiet),
);
