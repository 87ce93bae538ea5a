import type { DynamicModule, NestApplicationOptions } from '@nestjs/common';
import { afterAll, expect, vi } from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    /** The major version of Nest that a project runs on. */
    nest: 11 | 12;
  }
}

/** What watches the applications that tests start, as tracers do in production. */
export interface Instrumentation {
  /** Options of each application. */
  readonly options?: Pick<NestApplicationOptions, 'instrument'>;
  /** Modules of each application, before those of the test. */
  readonly imports?: NonNullable<DynamicModule['imports']>;
  readonly spans: SpanBook;
}

/** Keeps the names of spans that began, and of those that did not end. */
export class SpanBook {
  private readonly open = new Map<object, string>();
  private readonly begun = new Set<string>();

  begin(span: object, name: string): void {
    this.open.set(span, name);
    this.begun.add(name);
  }

  end(span: object): void {
    this.open.delete(span);
  }

  /** Names of the spans that began and have not ended. */
  get openSpans(): string[] {
    return [...this.open.values()];
  }

  /** Names of the spans that began, ended or not. */
  get begunSpans(): string[] {
    return [...this.begun];
  }

  /** Forgets what other test files of this process have left open. */
  forget(): void {
    this.open.clear();
  }
}

let current: Instrumentation | undefined;

/** What watches the applications of this run; a set-up file of the project decides. */
export function instrumentation(): Instrumentation | undefined {
  return current;
}

/**
 * Watches the applications of a test file. Once they are closed, every span
 * has ended.
 *
 * @param proof the name of a span without which nothing was watched
 */
export function watchWith(watching: Instrumentation, proof?: string): void {
  current = watching;
  watching.spans.forget();
  afterAll(async () => {
    const { spans } = watching;
    await vi.waitFor(() => expect(spans.openSpans).toEqual([]), 10_000);
    if (proof) expect(spans.begunSpans).toContain(proof);
  });
}

/** Makes something once, also where several test files share a process. */
export function oncePerProcess<Made>(name: string, make: () => Made): Made {
  const made = globalThis as unknown as Record<symbol, Made | undefined>;
  return (made[Symbol.for(`test.${name}`)] ??= make());
}
