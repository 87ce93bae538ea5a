import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';

const root = new URL('../../', import.meta.url);

/** The rows of the table that tells a stranger where to look. */
async function rows(): Promise<{ file: string; symbol: string }[]> {
  const page = await readFile(new URL('docs/architecture.md', root), 'utf8');
  const [, rest] = page.split('\n## Where is it?\n');
  const [table] = rest.split('\n## ');
  const row = /^\|[^|]+\?\s+\| `(?<file>[^`]+)`\s+\| `(?<symbol>\w+)`\s+\|$/gm;
  return [...table.matchAll(row)].map(({ groups }) => ({
    file: groups!['file'],
    symbol: groups!['symbol'],
  }));
}

/** Whether a file declares a name, rather than only using it. */
function declares(source: string, symbol: string): boolean {
  const declared = [
    `export (?:const|class|function\\*?|type|interface) ${symbol}\\b`,
    `^  (?:get )?${symbol}\\(`,
  ];
  return new RegExp(declared.join('|'), 'm').test(source);
}

describe('the table of questions in docs/architecture.md', () => {
  it('answers at least ten questions', async () => {
    expect((await rows()).length).toBeGreaterThanOrEqual(10);
  });

  it('names files that declare what they are said to', async () => {
    const wrong: string[] = [];
    for (const { file, symbol } of await rows()) {
      const source = await readFile(new URL(file, root), 'utf8').catch(
        () => '',
      );
      if (!declares(source, symbol)) wrong.push(`${file}: ${symbol}`);
    }
    expect(wrong).toEqual([]);
  });

  it('has no row in another form', async () => {
    const page = await readFile(new URL('docs/architecture.md', root), 'utf8');
    const [, rest] = page.split('\n## Where is it?\n');
    const lines = rest.split('\n## ')[0].match(/^\|.*\|$/gm)!;
    // The head of the table and the line beneath it are no answers.
    expect(await rows()).toHaveLength(lines.length - 2);
  });
});
