#!/usr/bin/env node
import { program } from './program.js';
import { processTerminal } from './terminal.js';

// Whoever reads may stop reading, as `head` does; there is nobody to tell then.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit();
    throw error;
  });
}

process.exitCode = await program(process.argv.slice(2), (isQuiet) =>
  processTerminal(process, isQuiet),
);
