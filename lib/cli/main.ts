#!/usr/bin/env node
import { program } from './program.js';
import { terminal } from './terminal.js';

process.exitCode = await program(process.argv.slice(2), terminal(process));
