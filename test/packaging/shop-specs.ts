import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { codeBlocks } from '../docs/code-blocks.js';
import { REPOSITORY } from './tarball.js';

const PAGE = 'docs/testing.md';

/**
 * Writes the specs of the documentation beside the pasted application, as the
 * page says: for Jest without the import of vitest, and for CommonJS without
 * the extension.
 */
export async function writeSpecs(
  folder: string,
  runner: 'jest' | 'vitest',
): Promise<void> {
  const text = await readFile(join(REPOSITORY, PAGE), 'utf8');
  const specs = codeBlocks({ path: PAGE, text });
  if (specs.length < 4) throw new Error(`${PAGE} has lost its specs`);
  for (const { line, code } of specs) {
    const spec =
      runner === 'vitest'
        ? code
        : code
            .replace(/^import .* from 'vitest';\n/m, '')
            .replace("'./app.module.js'", "'./app.module'");
    await writeFile(join(folder, `src/line-${line}.spec.ts`), spec);
  }
}
