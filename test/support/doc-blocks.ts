import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { codeBlocks } from '../docs/code-blocks.js';

const from = (path: string) =>
  fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** Runs the blocks of TypeScript in a page: what they export, in the order in which they stand there. */
export async function runBlocks(page: string): Promise<unknown[]> {
  const text = await readFile(from(page), 'utf8');
  const folder = from(`build/blocks-${process.pid}-${Date.now()}`);
  await mkdir(folder, { recursive: true });
  try {
    const blocks = codeBlocks({ path: page, text });
    return await Promise.all(
      blocks.map(async ({ code, line }) => {
        const file = `${folder}/line-${line}.ts`;
        await writeFile(file, code);
        return (await import(file)) as unknown;
      }),
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
