import { Finding } from '../config/findings.js';

/** A limit that Nest asks for no request. */
export function limitWithoutHandler(where: string): Finding {
  return {
    code: 'limit-without-handler',
    path: `@RouterRateLimit on ${where}`,
    sentence:
      'It stands where no request arrives: Nest asks interceptors for handlers of controllers, gateways and resolvers only.',
    fix: 'Put it on the handler, or use @ProxyRateLimit for what the method calls.',
  };
}

/** A handler that skips what is not there. */
export function skipWithoutLimit(where: string): Finding {
  return {
    code: 'skip-without-limit',
    path: `@SkipRouterRateLimit on ${where}`,
    sentence:
      'Its controller has no limit that it could be left out of; the limit of the whole application holds for every request all the same.',
    fix: 'Leave the decorator out, or give `service` an `allow` function that knows the request.',
  };
}
