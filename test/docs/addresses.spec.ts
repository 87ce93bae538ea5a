import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { findingCodes } from '../../lib/config/schema/throttle-options.schema.js';
import * as core from '../../lib/core/index.js';
import * as library from '../../lib/index.js';
import { KRAKEND_SEVERITIES } from '../../lib/krakend/krakend-finding.js';
import { problemKinds } from '../../lib/http/problem.js';
import * as redis from '../../lib/stores/redis/index.js';
import { libraryFiles } from './code-examples.js';
import { REPOSITORY } from './documents.js';
import { headingAnchors } from './headings.js';

const read = (path: string) => readFileSync(join(REPOSITORY, path), 'utf8');

/** Headings that are addresses: one word with a hyphen, an underscore or a capital inside. */
function addressesOn(page: string): string[] {
  return [...read(`docs/${page}.md`).matchAll(/^#+ (\S+)$/gm)]
    .map(([, heading]) => heading)
    .filter((heading) => /[-_]|[a-z][A-Z]/.test(heading));
}

/** Every class of error that applications can name. */
const exceptions = Object.entries({ ...core, ...redis, ...library }).flatMap(
  ([name, value]) =>
    typeof value === 'function' && value.prototype instanceof Error
      ? [[name, value as unknown as new (...args: unknown[]) => Error] as const]
      : [],
);

/** What a message of the library names by a text: `seeDocs('errors', 'unknown-backend')`. */
const named = libraryFiles().flatMap((path) =>
  [
    ...read(path).matchAll(
      /seeDocs\(\s*'([\w-]+)',\s*(?:'([\w-]+)'|(ERR_\w+))/g,
    ),
  ].map(([, page, code, constant]) => ({ page, code: code ?? constant })),
);
const namedOn = (page: string) =>
  named.filter((address) => address.page === page).map(({ code }) => code);

const kinds = Object.values(problemKinds).map(({ type, title }) =>
  type === 'about:blank' ? title : type.split('#')[1],
);

describe('the docs', () => {
  it('have a section in docs/findings.md for each finding, and no other section', () => {
    expect(addressesOn('findings').toSorted()).toEqual(findingCodes.toSorted());
    expect(findingCodes).toEqual(expect.arrayContaining(namedOn('findings')));
  });

  it('have a section in docs/krakend-findings.md for each finding on a KrakenD file, and no other section', () => {
    expect(addressesOn('krakend-findings').toSorted()).toEqual(
      Object.keys(KRAKEND_SEVERITIES).toSorted(),
    );
  });

  it('have a section in docs/errors.md for each error, and no other section', () => {
    const codes = [
      ...exceptions.map(([name]) => name),
      ...namedOn('errors'),
      ...kinds.filter((kind) => kind.includes('-')),
    ];
    expect(addressesOn('errors').toSorted()).toEqual(
      [...new Set(codes)].toSorted(),
    );
  });

  it.each(kinds)(
    'have a section in docs/errors.md for the problem type "%s"',
    (kind) => {
      expect(read('docs/errors.md')).toMatch(new RegExp(`^### ${kind}$`, 'm'));
    },
  );
});

describe('the docs address of a message', () => {
  /** A parent of others is never thrown itself. */
  const thrown = exceptions.filter(
    ([, type]) =>
      type.prototype instanceof library.ProblemException &&
      type !== (library.BackendException as unknown),
  );

  it.each(thrown)(
    'is shown when a %s is inspected, and never to callers',
    (name, type) => {
      const error = new type('catalog', 1000) as library.ProblemException;
      const address = addressIn(inspect(error));
      expect(address?.code).toBe(name.toLowerCase());
      expect(
        JSON.stringify([error, error.getResponse(), error.message]),
      ).not.toContain('docs/');
    },
  );

  it('leads to a file of the package and a section in it', () => {
    const error = new library.ThrottleConfigError([]);
    const { file, code } = addressIn(error.message)!;
    expect(existsSync(join(REPOSITORY, file))).toBe(true);
    expect(headingAnchors(read(file))).toContain(code);
    const { files } = JSON.parse(read('package.json')) as { files: string[] };
    expect(files).toContain('docs/**/*.md');
  });

  it('ends every error that the library throws itself', () => {
    const without = libraryFiles()
      .filter((path) => !NOT_SEEN.test(path))
      .flatMap((path) => errorsWithoutAddress(path, read(path)));
    expect(without).toEqual([]);
  });

  it('is absent when an error has no section', () => {
    const text = "function f() { throw new RangeError('wrong'); }";
    expect(errorsWithoutAddress('lib/doctored.ts', text)).toEqual([
      "lib/doctored.ts: new RangeError('wrong')",
    ]);
  });
});

/** `core` is for those who write against it; a command tells all in one sentence. */
const NOT_SEEN = /^lib\/(?:core|cli)\//;

/** Errors that nobody sees by themselves: reasons to stop, and causes of what is logged. */
const WITHIN = [
  "new Error('the call is over')",
  "new Error('Sentinel names no master')",
  "new Error('there is no connection to its node')",
  'new Error(String(error))',
  'new Error(message, { cause })',
  'new TypeError(`Unsupported protocol ${url.protocol}`)',
];

function addressIn(text: string) {
  return /See nestjs-floodgate\/(?<file>docs\/[\w-]+\.md)#(?<code>[\w-]+)$/.exec(
    text,
  )?.groups;
}

/** The built-in errors that a file makes in functions that name no address. */
function errorsWithoutAddress(path: string, text: string): string[] {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const visit = (node: ts.Node, around: ts.Node): void => {
    const inside = ts.isFunctionLike(node) ? node : around;
    if (
      ts.isNewExpression(node) &&
      /^(?:Error|RangeError|TypeError)$/.test(node.expression.getText()) &&
      !inside.getText().includes('seeDocs(') &&
      !WITHIN.includes(node.getText())
    )
      found.push(`${path}: ${node.getText()}`);
    node.forEachChild((child) => visit(child, inside));
  };
  visit(file, file);
  return found;
}
