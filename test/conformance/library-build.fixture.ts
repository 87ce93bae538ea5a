import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const LIB = fileURLToPath(new URL('../../lib', import.meta.url));

/**
 * Compiles a folder of the library as it is now to the same place below
 * `target`, so that a child process can replay it whether or not the library
 * has been built.
 *
 * @returns the path of its index
 */
export async function buildFolder(
  folder: string,
  target: string,
): Promise<string> {
  const built = join(target, folder);
  await mkdir(target, { recursive: true });
  await writeFile(join(target, 'package.json'), '{ "type": "module" }');
  const names = await readdir(join(LIB, folder), { recursive: true });
  const sources = names.filter((name) => /^[a-z\d/-]+\.ts$/.test(name));
  await Promise.all(
    sources.map((name) => compile(join(LIB, folder, name), join(built, name))),
  );
  return join(built, 'index.js');
}

async function compile(path: string, target: string): Promise<void> {
  const source = await readFile(path, 'utf8');
  const { outputText } = ts.transpileModule(source, {
    compilerOptions: {
      target: ts.ScriptTarget.ES2023,
      module: ts.ModuleKind.ESNext,
    },
  });
  await mkdir(dirname(target), { recursive: true });
  await writeFile(target.replace(/\.ts$/, '.js'), outputText);
}
