import {
  BadGatewayException,
  CallHandler,
  ExecutionContext,
  Injectable,
  NestInterceptor,
  NotFoundException,
} from '@nestjs/common';
import { isAxiosError } from 'axios';
import { catchError, Observable } from 'rxjs';

/**
 * A backend that answers, but not with 2xx, stays an AxiosError. What that means
 * to a customer is for the application to say: not found is not found, anything
 * else is a bad gateway.
 */
@Injectable()
export class BackendAnswerInterceptor implements NestInterceptor {
  intercept(_: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(
      catchError((error: unknown) => {
        if (!isAxiosError(error)) throw error;
        throw error.response?.status === 404
          ? new NotFoundException()
          : new BadGatewayException();
      }),
    );
  }
}
