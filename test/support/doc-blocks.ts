import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { codeBlocks } from '../docs/code-blocks.js';
import { REPOSITORY } from '../docs/documents.js';

/** Runs the blocks of TypeScript in a page: what they export, in the order in which they stand there. */
export async function runBlocks(page: string): Promise<unknown[]> {
  const text = await readFile(join(REPOSITORY, page), 'utf8');
  const build = join(REPOSITORY, 'build');
  await mkdir(build, { recursive: true });
  const folder = await mkdtemp(join(build, 'blocks-'));
  try {
    const blocks = codeBlocks({ path: page, text });
    return await Promise.all(
      blocks.map(async ({ code, line }) => {
        const file = join(folder, `line-${line}.ts`);
        await writeFile(file, code);
        return (await import(file)) as unknown;
      }),
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The texts of a page's blocks in one language, such as `http` or `json`. */
export async function blocksIn(
  language: string,
  page: string,
): Promise<string[]> {
  const text = await readFile(join(REPOSITORY, page), 'utf8');
  const blocks = [...text.matchAll(/^```(\w+)\n(.*?)^```$/gms)];
  return blocks
    .filter((block) => block[1] === language)
    .map((block) => block[2]);
}
