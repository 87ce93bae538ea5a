import { readFileSync } from 'node:fs';
import { globSync } from 'tinyglobby';
import { describe, expect, it } from 'vitest';

const LONGEST = 300;
const DEEPEST = 'lib/a/b/c'.split('/').length;

const files = globSync('lib/**/*.ts', {
  ignore: ['**/*.spec.ts', '**/*.fixture.ts'],
}).toSorted();

const source = new Map(files.map((file) => [file, readFileSync(file, 'utf8')]));

/** The names that a file declares and exports. An interface may share the name of its class. */
function exportedNames(text: string): Set<string> {
  const declared =
    /^export (?:abstract |async )*(?:class|function\*?|const|interface|type|enum) (\w+)/gm;
  return new Set([...text.matchAll(declared)].map(([, name]) => name));
}

describe('the house', () => {
  it('has no file longer than 300 lines', () => {
    const long = [...source].filter(
      ([, text]) => text.trimEnd().split('\n').length > LONGEST,
    );
    expect(long.map(([file]) => file)).toEqual([]);
  });

  it('has no folder deeper than lib/a/b/c', () => {
    const deep = files.filter((file) => file.split('/').length > DEEPEST + 1);
    expect(deep).toEqual([]);
  });

  it('exports no name twice', () => {
    const places = new Map<string, string[]>();
    for (const [file, text] of source) {
      for (const name of exportedNames(text)) {
        places.set(name, [...(places.get(name) ?? []), file]);
      }
    }
    expect([...places].filter(([, where]) => where.length > 1)).toEqual([]);
  });

  it('imports other packages by their documented entry points alone', () => {
    const entry = /^(?:node:[\w/]+|(?:@[\w-]+\/)?[\w.-]+)$/;
    const documented = new Set([
      'zod/mini',
      'zod/v4/locales/en.js',
      'nestjs-floodgate/krakend',
    ]);
    const imports = [...source].flatMap(([file, text]) =>
      [...text.matchAll(/(?:from |import\()'([^.'\n][^'\n]*)'/g)].map(
        ([, specifier]) => `${file}: ${specifier}`,
      ),
    );
    const deep = imports.filter((line) => {
      const specifier = line.slice(line.indexOf(': ') + 2);
      return !entry.test(specifier) && !documented.has(specifier);
    });
    expect(imports.length).toBeGreaterThan(100);
    expect(deep).toEqual([]);
  });
});
