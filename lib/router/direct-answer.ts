import type { ExecutionContext } from '@nestjs/common';
import type { ApplicationConfig, HttpAdapterHost } from '@nestjs/core';
// Whoever traces handlers wraps this.
import { RouterExecutionContext } from '@nestjs/core/router/router-execution-context.js';
import { answerProblem } from '../problem/answer-problem.js';
import { ProblemFilter } from '../problem/problem.filter.js';
import { HttpResponse } from '../problem/response-header.js';
import { DeclaredRoute } from './declared-route.js';
import { filtersOf } from './enhancers.js';
import type { Refusal } from './refusal.js';

/**
 * Refuses requests of one route. The exception of a refusal passes many
 * promises on its way through Nest, each of which is rejected in turn; so where
 * nobody but our own filter would see it, the request is answered as that
 * filter would, at once, and what waits for the guard is left waiting until it
 * is collected as garbage.
 */
export class DirectAnswer {
  private known: boolean | undefined;

  constructor(
    private readonly route: DeclaredRoute,
    private readonly application: ApplicationConfig,
    private readonly host: HttpAdapterHost,
  ) {}

  /** @throws the refusal, unless it was answered */
  refuse(refusal: Refusal, context: ExecutionContext): Promise<never> {
    this.known ??= this.isUnseen();
    if (!this.known) throw refusal.exception();
    const { httpAdapter } = this.host;
    const response = context.getArgByIndex<HttpResponse>(1);
    if (httpAdapter.isHeadersSent(response)) throw refusal.exception();
    answerProblem(httpAdapter, response, refusal.form);
    // One for each request: what waits for a promise is kept as long as the promise.
    return new Promise(never);
  }

  /** Asked at the first refusal: applications add filters until they initialise. */
  private isUnseen(): boolean {
    const { owner, handler } = this.route;
    const filters = [
      ...this.application.getGlobalFilters(),
      ...this.application.getGlobalRequestFilters(),
      ...filtersOf(owner),
      ...filtersOf(handler),
    ];
    return (
      filters.every((filter) => filter instanceof ProblemFilter) && !isTraced()
    );
  }
}

function never(): void {
  // It neither resolves nor rejects.
}

/** OpenTelemetry marks what it wraps; its spans end with the promise of the handler. */
function isTraced(): boolean {
  return '__wrapped' in RouterExecutionContext.prototype.create;
}
