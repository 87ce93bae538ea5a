import { Tally } from './tally.mjs';
import { listAt } from './vector-form.mjs';

/**
 * Which client a request is counted for, or that it always gets 429.
 *
 * @param {Record<string, unknown>} content
 * @param {typeof import('nestjs-floodgate/core')} _core
 * @param {typeof import('nestjs-floodgate/krakend').enforced} krakend
 * @returns {Tally}
 */
export function replay(content, _core, krakend) {
  const tally = new Tally('vectors');
  for (const [index, vector] of listAt(content.vectors, 'vectors').entries()) {
    const { strategy: written, key, result } = vector;
    const strategy = krakend.strategyOf({ strategy: written });
    const token =
      strategy && krakend.clientKey(strategy, key, requestOf(vector));
    const expected = result.error ? 'no limit' : `client "${result.token}"`;
    const got = token === undefined ? 'no limit' : `client "${token}"`;
    tally.addVector(
      expected === got
        ? undefined
        : {
            title: `vector ${index}`,
            config: vector,
            events: [],
            expected,
            got,
          },
    );
  }
  return tally;
}

function requestOf({ headers, remote_addr: peer, route, path }) {
  const names = route.split('/');
  const values = path.split('/').map(decodeURIComponent);
  return {
    header: (name) =>
      headers.find(
        ([given]) => given.toLowerCase() === name.toLowerCase(),
      )?.[1],
    param: (name) => values[names.indexOf(`:${name}`)],
    address: peer.slice(0, peer.lastIndexOf(':')),
  };
}
