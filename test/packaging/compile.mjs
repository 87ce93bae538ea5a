/**
 * Type-checks the TypeScript project in the folder given, and emits it unless
 * its options say otherwise.
 *
 *   node compile.mjs FOLDER [TSCONFIG [TYPESCRIPT]]
 *
 * TSCONFIG is a file of the folder, by default `tsconfig.json`; TYPESCRIPT is a
 * package installed there, by default the compiler of this repository.
 *
 * Of all declarations that the project reads only the library's are checked:
 * those of Nest and axios are not ours to mend, and take most of a minute.
 */
import { createRequire } from 'node:module';
import { join, resolve, sep } from 'node:path';

const folder = resolve(process.argv[2]);
const [name = 'tsconfig.json', compiler] = process.argv.slice(3);
const ts = compiler
  ? createRequire(join(folder, 'package.json'))(compiler)
  : createRequire(import.meta.url)('typescript');
const modules = join(folder, 'node_modules') + sep;
const library = join(modules, 'nestjs-floodgate') + sep;

const config = ts.getParsedCommandLineOfConfigFile(
  join(folder, name),
  undefined,
  { ...ts.sys, onUnRecoverableConfigFileDiagnostic: report },
);
const program = ts.createProgram(config.fileNames, config.options);
const checked = program
  .getSourceFiles()
  .map(({ fileName }) => resolve(fileName))
  .filter(
    (file) =>
      file.startsWith(library) ||
      (file.startsWith(folder + sep) && !file.startsWith(modules)),
  );

const found = [
  ...config.errors,
  ...program.getOptionsDiagnostics(),
  ...program.getGlobalDiagnostics(),
  ...checked.flatMap(diagnosticsOf),
  ...(config.options.noEmit ? [] : config.fileNames.flatMap(emit)),
];
for (const diagnostic of found) report(diagnostic);
if (!checked.some((file) => file.startsWith(library))) {
  console.error('no declarations of the library were read');
  process.exitCode = 1;
}

function diagnosticsOf(fileName) {
  const file = program.getSourceFile(fileName);
  return [
    ...program.getSyntacticDiagnostics(file),
    ...program.getSemanticDiagnostics(file),
  ];
}

// File by file: a whole emit would check every declaration first.
function emit(fileName) {
  return program.emit(program.getSourceFile(fileName)).diagnostics;
}

function report(diagnostic) {
  process.exitCode = 1;
  console.error(
    ts.formatDiagnostic(diagnostic, {
      getCurrentDirectory: () => folder,
      getCanonicalFileName: (name) => name,
      getNewLine: () => '\n',
    }),
  );
}
