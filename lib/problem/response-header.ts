interface NodeResponse {
  getHeader(name: string): unknown;
  setHeader(name: string, value: string): unknown;
}

/** What of Fastify's reply is needed to answer a request. */
export interface FastifyReply {
  getHeader(name: string): unknown;
  header(name: string, value: string): void;
}

/** A response of Express, Fastify or plain node:http. */
export type HttpResponse = NodeResponse | FastifyReply;

export function isFastify(response: HttpResponse): response is FastifyReply {
  return !('setHeader' in response);
}

/**
 * Sets a header, whichever framework the response belongs to.
 *
 * @param name in lower case, as all of them keep it: of any other they make a new text first, each time
 */
export function setHeader(
  response: HttpResponse,
  name: string,
  value: string,
): void {
  if (isFastify(response)) response.header(name, value);
  else response.setHeader(name, value);
}

/** Adds to a header that holds a list what comes after the items that stand there. */
export function addToList(
  response: HttpResponse,
  name: string,
  items: string,
): void {
  const earlier = response.getHeader(name);
  setHeader(
    response,
    name,
    typeof earlier === 'string' ? `${earlier}, ${items}` : items,
  );
}
