import type { Reporter, TestCase, Vitest } from 'vitest/node';

/**
 * Says what a run of passed tests may hide: tests that passed only when they were
 * tried again, and tests that were skipped. With `CI=true` a skip fails the run.
 */
export default class NothingHiddenReporter implements Reporter {
  private readonly retried: string[] = [];
  private readonly skipped = new Map<string, number>();
  private isFiltered = false;

  onInit(vitest: Vitest): void {
    // `-t` skips whatever it does not name.
    this.isFiltered = vitest.config.testNamePattern !== undefined;
  }

  onTestCaseResult(test: TestCase): void {
    const file = `${test.project.name} ${test.module.relativeModuleId}`;
    const { flaky, retryCount } = test.diagnostic() ?? {};
    if (flaky) {
      this.retried.push(`${file}: ${test.fullName} (${retryCount} retries)`);
    }
    if (test.result().state === 'skipped') {
      this.skipped.set(file, (this.skipped.get(file) ?? 0) + 1);
    }
  }

  onTestRunEnd(): void {
    list('RETRIED, then passed:', this.retried);
    if (this.isFiltered || this.skipped.size === 0) return;
    const files = [...this.skipped].map(([file, n]) => `${file}: ${n} tests`);
    list('SKIPPED:', files);
    if (process.env['CI'] === 'true') process.exitCode = 1;
  }
}

function list(heading: string, lines: readonly string[]): void {
  if (lines.length === 0) return;
  console.log(`\n${heading}\n${lines.map((line) => `  ${line}\n`).join('')}`);
}
