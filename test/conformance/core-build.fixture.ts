import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const CORE = fileURLToPath(new URL('../../lib/core', import.meta.url));

/**
 * Compiles the core as it is now into `folder`, so that a child process can
 * replay it whether or not the library has been built.
 *
 * @returns the path of its index
 */
export async function buildCore(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  const names = await readdir(CORE);
  const sources = names.filter((name) => /^[a-z-]+\.ts$/.test(name));
  await Promise.all(sources.map((name) => compile(name, folder)));
  return join(folder, 'index.js');
}

async function compile(name: string, folder: string): Promise<void> {
  const source = await readFile(join(CORE, name), 'utf8');
  const { outputText } = ts.transpileModule(source, {
    compilerOptions: {
      target: ts.ScriptTarget.ES2023,
      module: ts.ModuleKind.ESNext,
    },
  });
  await writeFile(join(folder, name.replace(/\.ts$/, '.js')), outputText);
}
