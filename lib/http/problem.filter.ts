import { ArgumentsHost, Catch } from '@nestjs/common';
import { ApplicationConfig, BaseExceptionFilter } from '@nestjs/core';
import { throwError } from 'rxjs';
import {
  PROBLEM_JSON,
  ProblemException,
  retryAfterSeconds,
} from './problem-exception.js';
import { problemMessage } from './problem.js';

const PROBLEM = { mediaType: PROBLEM_JSON };

/**
 * Turns this library's exceptions into responses: over HTTP a problem document
 * with Retry-After, for a microservice's client the document as a message.
 * GraphQL shows the exceptions as they are. A filter of the application that
 * catches them takes precedence.
 */
@Catch(ProblemException)
export class ProblemFilter extends BaseExceptionFilter {
  /** Registers itself when it is created, before any APP_FILTER: of the global filters, Nest asks the first one last. */
  constructor(application: ApplicationConfig) {
    super();
    application.useGlobalFilters(this);
  }

  override catch(exception: ProblemException, host: ArgumentsHost): unknown {
    if (host.getType() === 'rpc')
      return throwError(
        () => exception.answer?.body ?? problemMessage(exception),
      );
    if (host.getType() !== 'http') throw exception;
    const adapter = this.httpAdapterHost?.httpAdapter;
    const response = host.getArgByIndex(1);
    if (!adapter || adapter.isHeadersSent(response)) {
      return super.catch(exception, host);
    }
    const seconds = retryAfterSeconds(exception.retryAfterMs);
    if (seconds !== undefined) {
      adapter.setHeader(response, 'retry-after', String(seconds));
    }
    const { mediaType = 'application/json' } = exception.answer ?? PROBLEM;
    adapter.setHeader(response, 'content-type', mediaType);
    // If the status is passed to reply(), Nest 11 drops the media type on Express.
    adapter.status(response, exception.getStatus());
    return adapter.reply(response, exception.getResponse());
  }
}
