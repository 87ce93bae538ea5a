import { beforeAll, describe, expect, it } from 'vitest';
import { brokenLinks } from './broken-links.js';
import { codeBlocks } from './code-blocks.js';
import { allDocuments } from './documents.js';
import { typeFaults } from './type-faults.js';

const documents = allDocuments();
const withCode = documents.filter((page) => codeBlocks(page).length > 0);

/** A page with one block that is right and two that are not. */
const doctored = {
  path: 'docs/doctored.md',
  text: [
    '# Doctored',
    '```ts',
    "import { ThrottleModule } from 'nestjs-floodgate';",
    "export const right = ThrottleModule.forRoot({ timeout: '2s' });",
    '```',
    '- in a list',
    '  ```typescript',
    "  import { ThrottleModule } from 'nestjs-floodgate';",
    '',
    '  export const wrong = ThrottleModule.forRoot({ timeout: 2 });',
    '  ```',
    '```ts',
    "export { Floodgate } from 'nestjs-floodgate';",
    '```',
    '```js',
    'not TypeScript',
    '```',
  ].join('\n'),
};

describe('code in the docs', () => {
  const faults: string[] = [];

  // One program for all blocks: reading Nest's types takes longer than checking them.
  beforeAll(() => {
    const pages = [...withCode, doctored];
    faults.push(...typeFaults(pages.flatMap(codeBlocks)));
  }, 120_000);

  const faultsOf = (path: string) =>
    faults.filter((fault) => fault.startsWith(`${path}:`));

  it.each(withCode)('compiles as it stands: $path', ({ path }) => {
    expect(faultsOf(path)).toEqual([]);
  });

  it('fails with its page and line when it does not compile', () => {
    expect(faultsOf(doctored.path)).toEqual([
      expect.stringMatching(/^docs\/doctored\.md:10: .*number.*string/),
      expect.stringMatching(/^docs\/doctored\.md:13: .*Floodgate/),
    ]);
  });

  it('is checked in the README too', () => {
    expect(withCode.map(({ path }) => path)).toContain('README.md');
  });
});

describe('links in the docs', () => {
  it.each(documents)('lead somewhere: $path', (document) => {
    expect(brokenLinks(document)).toEqual([]);
  });

  it('are reported when the file or heading does not exist', () => {
    const text = [
      '# First, the *steps*',
      '[here](#first-the-steps) [there](../README.md) [folder](../lib)',
      '[nowhere](missing.md) and [no heading](../README.md#no-such-heading)',
      '[self](#second) [web](https://example.org/missing.md) `[code](missing.md)`',
      '```',
      '[block](missing.md)',
      '```',
      '[reference]: ./absent.md',
    ].join('\n');

    expect(brokenLinks({ path: 'docs/doctored.md', text })).toEqual([
      'docs/doctored.md:3: missing.md',
      'docs/doctored.md:3: ../README.md#no-such-heading',
      'docs/doctored.md:4: #second',
      'docs/doctored.md:8: ./absent.md',
    ]);
  });
});
