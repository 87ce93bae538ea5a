// Judges Vitest's JSON reports: of the whole run, and of files that failed in it
// and ran once more, alone. What a file did alone counts in the place of what it
// did among others.
//
//   node test-report.mjs files|counts|failed|unsteady REPORT [REPORT-ALONE...]
import { existsSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';

/** So many do not fail because the machine was busy. */
const MOST_FILES = 8;

/** What Vitest calls a test that did not run. */
const SKIPPED = new Set(['skipped', 'pending', 'todo']);

const [wanted, whole, ...alone] = process.argv.slice(2);
const first = filesOf(whole);
const again = alone.filter(existsSync).flatMap(filesOf);
const ranAgain = new Set(again.map(({ name }) => name));
const last = [...first.filter(({ name }) => !ranAgain.has(name)), ...again];

const tell = {
  files() {
    const names = first.filter(isFailed).map(({ name }) => pathOf(name));
    const files = [...new Set(names)];
    return files.length > MOST_FILES ? [] : files;
  },
  counts() {
    const tests = last.flatMap(({ assertionResults }) => assertionResults);
    const passed = tests.filter(({ status }) => status === 'passed').length;
    return [`${passed} ${last.flatMap(failures).length}`];
  },
  failed: () => last.flatMap(failures).map(textOf),
  unsteady() {
    const stillFailed = new Set(last.flatMap(failures).map(({ key }) => key));
    return first
      .flatMap(failures)
      .filter(({ key }) => !stillFailed.has(key))
      .map(textOf);
  },
};
console.log(tell[wanted]().join('\n'));

function filesOf(report) {
  return JSON.parse(readFileSync(report, 'utf8')).testResults;
}

function isFailed(file) {
  return failures(file).length > 0;
}

/** The tests of a file that failed, or the file as a whole: its hooks, or that it does not load. */
function failures({ name, status, message, assertionResults }) {
  const tests = assertionResults.filter((test) => test.status === 'failed');
  // Nothing is skipped here: what the tests need is installed. A failed hook skips as well.
  const skipped = assertionResults.filter(
    (test) => status === 'passed' && SKIPPED.has(test.status),
  );
  if (tests.length === 0 && status === 'failed') {
    const why = message || 'a hook of it failed, as told above';
    return [{ key: name, title: pathOf(name), message: why }];
  }
  return [...tests, ...skipped].map(({ fullName, failureMessages }) => ({
    key: `${name} ${fullName}`,
    title: `${pathOf(name)}: ${fullName}`,
    message: failureMessages?.join('\n') || 'skipped',
  }));
}

/** By name, with the first lines of what went wrong: the end of the output is what is read first. */
function textOf({ title, message }) {
  const lines = message.split('\n', 6).map((line) => `    ${line}`);
  return [`  ${title}`, ...lines].join('\n');
}

function pathOf(name) {
  return relative('.', name);
}
