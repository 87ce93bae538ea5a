/**
 * Type-checks and emits the TypeScript project in the folder given.
 *
 *   node compile.mjs FOLDER
 *
 * Of all declarations that the project reads only the library's are checked:
 * those of Nest and axios are not ours to mend, and take most of a minute.
 */
import { join, resolve, sep } from 'node:path';
import ts from 'typescript';

const folder = resolve(process.argv[2]);
const modules = join(folder, 'node_modules') + sep;
const library = join(modules, 'nestjs-floodgate') + sep;

const config = ts.getParsedCommandLineOfConfigFile(
  join(folder, 'tsconfig.json'),
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
  ...config.fileNames.flatMap(emit),
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
