import type { ExecutionContext } from '@nestjs/common';
import type { FailureFunction } from '../config/schema/circuit-breaker.schema.js';
import type { KeyFunction } from '../config/schema/limit-fields.js';
import { clientKey } from './enforced/client-key.js';

interface HttpRequest {
  readonly ip?: string;
  readonly rawHeaders?: readonly string[];
  readonly raw?: { readonly rawHeaders?: readonly string[] };
}

/**
 * KrakenD's strategy `ip` with a `key`: the first IPv4 address in that header,
 * or the address that the framework determined. Anyone can forge the header.
 */
export function addressInHeader(header: string): KeyFunction {
  return named(
    (context: ExecutionContext) => {
      const request = context.getArgByIndex<HttpRequest>(0);
      return clientKey('ip', header, {
        header: (name) => firstLine(request, name.toLowerCase()),
        param: () => undefined,
        address: request.ip ?? '',
      });
    },
    `addressInHeader(${JSON.stringify(header)})`,
  );
}

/** Node joins repeated headers; KrakenD reads only the first. */
function firstLine(request: HttpRequest, name: string): string | undefined {
  const lines = request.rawHeaders ?? request.raw?.rawHeaders ?? [];
  const position = lines.findIndex(
    (text, i) => i % 2 === 0 && text.toLowerCase() === name,
  );
  return lines[position + 1];
}

/** The key function of a limit for which KrakenD finds no client: every request is refused with 429. */
export const noClient: KeyFunction = named(() => undefined, 'noClient');

/** What a key function from this module does. */
export interface MadeStrategy {
  /** The header with the client's address; `undefined` if there is no client key. */
  readonly header?: string;
}

/** Tells from its name how a key function was created; `undefined` for a function of the application. */
export function madeStrategy({ name }: KeyFunction): MadeStrategy | undefined {
  if (name === noClient.name) return {};
  const [, header] = /^addressInHeader\("([^"\\]+)"\)$/.exec(name) ?? [];
  return header === undefined ? undefined : { header };
}

/** What a KrakenD breaker counts as a failure: no response, or one with any other status. */
export function statusOtherThan(...good: readonly number[]): FailureFunction {
  return named(
    ((answer) => !answer || !good.includes(answer.status)) as FailureFunction,
    `statusOtherThan(${good.join(', ')})`,
  );
}

/** What a KrakenD breaker counts as a failure if it never sees a status (`no-op`): no response. */
export const noAnswer: FailureFunction = named(
  ((answer) => !answer) as FailureFunction,
  'noAnswer',
);

/** Names a function after its origin, for code that prints the configuration. */
function named<F extends Function>(made: F, name: string): F {
  return Object.defineProperty(made, 'name', { value: name });
}
