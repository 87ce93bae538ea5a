import { dirname, join } from 'node:path';
import ts from 'typescript';
import type { CodeBlock } from './code-blocks.js';
import { REPOSITORY } from './documents.js';

/** What TypeScript says of what nobody reads; an example may end with such. */
const UNUSED = new Set([6133, 6138, 6192, 6196, 6198]);

/**
 * What TypeScript, as strict as for the library itself, finds in the blocks.
 * Each fault begins with the page and the line in it.
 */
export function typeFaults(blocks: readonly CodeBlock[]): string[] {
  const files = new Map(blocks.map((block) => [fileOf(block), block]));
  // The specs of the documentation test the application of the README.
  const application = blocks.find(({ code }) =>
    /^export class AppModule /m.test(code),
  );
  if (application)
    files.set(join(REPOSITORY, 'docs/app.module.ts'), application);
  const options = compilerOptions();
  const program = ts.createProgram(
    [...files.keys()],
    options,
    hostWith(files, options),
  );
  return [...files].flatMap(([name, block]) => {
    const file = program.getSourceFile(name);
    return [
      ...program.getSyntacticDiagnostics(file),
      ...program.getSemanticDiagnostics(file),
    ]
      .filter(({ code }) => !(block.isFragment && UNUSED.has(code)))
      .map((diagnostic) => describe(diagnostic, block));
  });
}

/** Stands beside its page, so that it resolves what an application there would. */
function fileOf({ page, line }: CodeBlock): string {
  return join(REPOSITORY, `${page}.line-${line}.ts`);
}

function compilerOptions(): ts.CompilerOptions {
  const path = join(REPOSITORY, 'tsconfig.json');
  const { config } = ts.readConfigFile(path, ts.sys.readFile);
  return ts.parseJsonConfigFileContent(config, ts.sys, dirname(path)).options;
}

function hostWith(
  files: ReadonlyMap<string, CodeBlock>,
  options: ts.CompilerOptions,
): ts.CompilerHost {
  const host = ts.createCompilerHost(options, true);
  const { getSourceFile, fileExists } = host;
  host.fileExists = (name) => files.has(name) || fileExists(name);
  host.getSourceFile = (name, version, ...rest) => {
    const block = files.get(name);
    if (!block) return getSourceFile(name, version, ...rest);
    const file = ts.createSourceFile(name, block.code, version, true);
    // The repository's package says how its modules are written.
    file.impliedNodeFormat = ts.ModuleKind.ESNext;
    return file;
  };
  return host;
}

function describe(
  { file, start, messageText }: ts.Diagnostic,
  { page, line }: CodeBlock,
): string {
  const within = file?.getLineAndCharacterOfPosition(start ?? 0).line ?? 0;
  const message = ts.flattenDiagnosticMessageText(messageText, ' ');
  return `${page}:${line + 1 + within}: ${message}`;
}
