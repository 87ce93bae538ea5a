import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import type { CodeBlock } from './code-blocks.js';
import { REPOSITORY } from './documents.js';

const SCOPE = 'test/docs/example-scope.ts';
const EXAMPLE = /^ *\* @example *$/;
const FENCE = /^ *\* ```(ts)?$/;
const COMMENT = /^ *\* ?/;

/** Every file of the library that is no test, relative to the repository. */
export function libraryFiles(): string[] {
  return readdirSync(join(REPOSITORY, 'lib'), { recursive: true })
    .map((path) => `lib/${String(path).replaceAll('\\', '/')}`)
    .filter((path) => /(?<!\.spec|\.fixture)\.ts$/.test(path))
    .toSorted();
}

/**
 * The examples in the comments of a file, each in a module of its own, where
 * everything of {@link SCOPE} is known.
 *
 * @throws Error for an example that is not fenced as TypeScript
 */
export function codeExamples(path: string, text: string): CodeBlock[] {
  const lines = text.split('\n');
  return [...lines.keys()]
    .filter((number) => EXAMPLE.test(lines[number]))
    .map((number) => {
      const begin = number + 1;
      if (!FENCE.test(lines[begin] ?? ''))
        throw new Error(`${path}:${begin + 1}: an example without \`\`\`ts`);
      const length = lines
        .slice(begin + 1)
        .findIndex((line) => FENCE.test(line));
      const code = lines
        .slice(begin + 1, begin + 1 + length)
        .map((line) => line.replace(COMMENT, ''))
        .join('\n');
      return {
        page: path,
        line: begin + 1,
        code: inScope(code),
        isFragment: true,
      };
    });
}

/** All on the line where the example begins, so that lines stay what they are. */
function inScope(code: string): string {
  const file = JSON.stringify(join(REPOSITORY, SCOPE).replace(/ts$/, 'js'));
  const names = scopeNames().filter((name) => !declares(code, name));
  const body = placed(code);
  return `import { ${names.join(', ')} } from ${file}; export {}; ${body}`;
}

/** Where an example stands: in a class, in a method of one, or by itself. */
function placed(code: string): string {
  const inClass = (members: string) =>
    `export class Example extends Service {${members}\n}`;
  if (code.startsWith('constructor')) return `export class Example {${code}\n}`;
  if (/^@(?!Module)/.test(code)) return inClass(code);
  return /^(?:if .*)?return\b/m.test(code)
    ? inClass(`run(): unknown {${code}\n return undefined; }`)
    : code;
}

function declares(code: string, name: string): boolean {
  return new RegExp(`\\b(?:const|class)\\s[^=]*\\b${name}\\b[^;]*`).test(code);
}

function scopeNames(): string[] {
  const text = readFileSync(join(REPOSITORY, SCOPE), 'utf8');
  const file = ts.createSourceFile(SCOPE, text, ts.ScriptTarget.Latest);
  return file.statements.flatMap((statement) => {
    if (ts.isExportDeclaration(statement)) {
      const { exportClause } = statement;
      return exportClause && ts.isNamedExports(exportClause)
        ? exportClause.elements.map(({ name }) => name.text)
        : [];
    }
    if (ts.isImportDeclaration(statement)) return [];
    const declared = ts.isVariableStatement(statement)
      ? statement.declarationList.declarations
      : [statement as ts.DeclarationStatement];
    return declared.map(({ name }) => (name as ts.Identifier).text);
  });
}
