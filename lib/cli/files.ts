import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { Readable } from 'node:stream';
import { glob, isDynamicPattern } from 'tinyglobby';

/** What a command cannot go on with, in a sentence that needs no stack. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

/** Standard input, as it is named on a command line. */
export const STANDARD_INPUT = '-';

/** What people call a file. */
export function fileName(file: string): string {
  return file === STANDARD_INPUT ? 'standard input' : file;
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  ENOTDIR: 'no such file',
  EISDIR: 'it is a folder, not a file',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no space left on the device',
  ELOOP: 'too many symbolic links',
  ENAMETOOLONG: 'the name is too long',
};

/** The error of a file that cannot be read or written: its name once, and why. */
export function fileError(file: string, error: unknown): CommandError {
  const { code = '', message } = error as NodeJS.ErrnoException;
  const reason = REASONS[code] ?? message;
  return new CommandError(`${fileName(file)}: ${reason}`, { cause: error });
}

/**
 * The text of a file, or of standard input.
 *
 * @throws CommandError where it cannot be read
 */
export async function readTextFile(
  file: string,
  stdin: Readable,
): Promise<string> {
  try {
    if (file !== STANDARD_INPUT) return readFileSync(file, 'utf8');
    const chunks: Buffer[] = [];
    for await (const chunk of stdin) chunks.push(Buffer.from(chunk));
    return Buffer.concat(chunks).toString('utf8');
  } catch (error) {
    throw fileError(file, error);
  }
}

/**
 * Writes a file.
 *
 * @throws CommandError where it cannot be written
 */
export function writeText(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw fileError(file, error);
  }
}

/**
 * Makes sure that a file can be written, before work is done for it.
 *
 * @throws CommandError where it cannot be written
 */
export function requireWritable(file: string): void {
  const isThere = existsSync(file);
  try {
    writeFileSync(file, '', { flag: 'a' });
    if (!isThere) rmSync(file);
  } catch (error) {
    throw fileError(file, error);
  }
}

/**
 * The files that arguments name. A pattern such as `config/*.json` names all
 * that match it, in the order of their names; a file of that very name wins.
 *
 * @throws CommandError where a pattern matches no file
 */
export async function expandPatterns(
  args: readonly string[],
): Promise<string[]> {
  const files: string[] = [];
  for (const arg of args) {
    if (!isDynamicPattern(arg) || existsSync(arg)) {
      files.push(arg);
      continue;
    }
    // Windows separates folders by backslashes, which patterns read as escapes.
    const pattern =
      process.platform === 'win32' ? arg.replaceAll('\\', '/') : arg;
    const found = await glob(pattern, {
      absolute: isAbsolute(arg),
      expandDirectories: false,
    });
    if (found.length === 0) {
      throw new CommandError(`${arg}: no file matches this pattern`);
    }
    files.push(...found.toSorted());
  }
  return [...new Set(files)];
}
