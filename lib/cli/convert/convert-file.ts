import { writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { importContent } from '../../krakend/from-krakend.js';
import { parseText } from '../../krakend/source/parse-text.js';
import { attempt, textOf } from '../load/attempt.js';
import { Terminal } from '../terminal.js';
import { moduleText } from './module-text.js';

/**
 * Writes a KrakenD file as a TypeScript module.
 *
 * @throws ThrottleConfigError when it is no KrakenD file, or cannot be read or written
 */
export function convertFile(
  file: string,
  out: string | undefined,
  terminal: Terminal,
): void {
  const imported = importContent(parseText(textOf(file), file), file);
  const written = moduleText(basename(file), imported);
  if (out === undefined) {
    terminal.print(written.trimEnd());
    return;
  }
  attempt(out, 'a file that can be written', () => writeFileSync(out, written));
  const { length } = imported.findings;
  terminal.complain(`${out}: written, with ${length} findings as comments`);
}
