interface NodeOrExpressResponse {
  setHeader(name: string, value: string): unknown;
}

interface FastifyReply {
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
