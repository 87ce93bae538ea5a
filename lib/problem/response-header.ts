interface NodeOrExpressResponse {
  getHeader(name: string): unknown;
  setHeader(name: string, value: string): unknown;
}

interface FastifyReply {
  getHeader(name: string): unknown;
  header(name: string, value: string): unknown;
}

/** A response of Express, Fastify or plain node:http. */
export type HttpResponse = NodeOrExpressResponse | FastifyReply;

/** Sets a header, whichever framework the response belongs to. */
export function setHeader(
  response: HttpResponse,
  name: string,
  value: string,
): void {
  if ('setHeader' in response) response.setHeader(name, value);
  else response.header(name, value);
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
