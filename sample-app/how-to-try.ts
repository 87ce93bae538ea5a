/** The base URLs of what `npm start` started. */
export interface Running {
  gateway: string;
  catalog: string;
  prices: string;
}

/** What `npm start` prints: commands to paste into another terminal. */
export function howToTry({ gateway, catalog, prices }: Running): string {
  const statuses = "curl -s -o /dev/null -w '%{http_code} '";
  return `
  storefront  ${gateway}
  catalog     ${catalog}
  prices      ${prices}

A product page, with its limits in the headers:
  curl -i -H 'x-api-key: alice' ${gateway}/products/1

Greedy mallory gets 429 after her burst of ten; alice does not notice:
  ${statuses} -H 'x-api-key: mallory' '${gateway}/products/[1-12]?again=[1-2]'; echo

Search has a quota for all customers together, then 503:
  ${statuses} '${gateway}/search?q=lamp&again=[1-20]'; echo

Similar products may take five calls a second of the catalog, then 503:
  ${statuses} '${gateway}/products/[1-12]/similar'; echo

Prices turn slow (504, then an open breaker), fail, recover:
  curl -d '{"mode":"slow"}' ${prices}/control
  curl -d '{"mode":"fail"}' ${prices}/control
  curl -d '{"mode":"ok"}'   ${prices}/control

Meanwhile: a price that is needed, a page that does without, the breakers:
  curl -i ${gateway}/prices/1
  curl -H 'x-api-key: alice' ${gateway}/products/1
  curl ${gateway}/status

What reached a backend:
  curl ${catalog}/control

Ctrl-C stops everything.
`;
}
