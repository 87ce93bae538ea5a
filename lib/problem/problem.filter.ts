import { ArgumentsHost, Catch } from '@nestjs/common';
import { ApplicationConfig, BaseExceptionFilter } from '@nestjs/core';
import { ProblemException } from './problem-exception.js';
import { writeProblemHeaders } from './problem-headers.js';

/**
 * Answers this library's exceptions over HTTP with a problem document and
 * Retry-After, also those that a handler did not catch. A filter of the
 * application that catches them keeps the last word.
 */
@Catch(ProblemException)
export class ProblemFilter extends BaseExceptionFilter {
  /** Takes its place as it is made, before any APP_FILTER: of the global filters, Nest asks the first one last. */
  constructor(application: ApplicationConfig) {
    super();
    application.useGlobalFilters(this);
  }

  override catch(exception: ProblemException, host: ArgumentsHost): unknown {
    if (host.getType() !== 'http') return exception;
    const response = host.getArgByIndex(1);
    if (!this.httpAdapterHost?.httpAdapter.isHeadersSent(response)) {
      writeProblemHeaders(response, exception);
    }
    return super.catch(exception, host);
  }
}
