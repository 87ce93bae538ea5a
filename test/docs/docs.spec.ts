import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { brokenLinks } from './broken-links.js';
import { codeBlocks } from './code-blocks.js';
import { codeExamples, libraryFiles } from './code-examples.js';
import { allDocuments, REPOSITORY } from './documents.js';
import { typeFaults } from './type-faults.js';

const documents = allDocuments();
const withCode = documents.filter((page) => codeBlocks(page).length > 0);

const examples = libraryFiles().flatMap((path) =>
  codeExamples(path, readFileSync(join(REPOSITORY, path), 'utf8')),
);
const withExamples = [...new Set(examples.map(({ page }) => page))];

/** A file with one example that is right and one that is not. */
const doctoredFile = {
  path: 'lib/doctored.ts',
  text: [
    '/**',
    ' * @example',
    ' * ```ts',
    ' * const throttle = app.get(ThrottleService);',
    ' * await throttle.update({});',
    ' * ```',
    ' * @example',
    ' * ```ts',
    " * @RouterRateLimit('5/1s')",
    ' * @Get()',
    ' * search(): string { return 5; }',
    ' * ```',
    ' */',
  ].join('\n'),
};

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
    const { path, text } = doctoredFile;
    faults.push(
      ...typeFaults([
        ...pages.flatMap(codeBlocks),
        ...examples,
        ...codeExamples(path, text),
      ]),
    );
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

  it.each(withExamples)('compiles in examples of the API: %s', (path) => {
    expect(faultsOf(path)).toEqual([]);
  });

  it('fails in an API example when it does not compile', () => {
    expect(faultsOf(doctoredFile.path)).toEqual([
      expect.stringMatching(/^lib\/doctored\.ts:11: .*number.*string/),
    ]);
  });

  it('is checked in examples of what applications call', () => {
    expect(withExamples).toEqual(
      expect.arrayContaining([
        'lib/proxy/backend-client.ts',
        'lib/throttle.module.ts',
        'lib/throttle.service.ts',
      ]),
    );
  });

  it('is checked in the README', () => {
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
