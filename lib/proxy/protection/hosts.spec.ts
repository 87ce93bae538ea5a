import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Logger } from '@nestjs/common';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { backend } from '../../config/schema/backend.schema.js';
import { BackendHosts } from './hosts.js';

const A = 'http://a:8080';
const B = 'http://b:8080';
const C = 'http://c:8080';

function rotationOf(hosts: string[], options: object = {}): BackendHosts {
  return new BackendHosts('catalog', backend.parse({ ...options, hosts }));
}

/** Where the next calls go; none of them ends. */
function turns(rotation: BackendHosts, count: number, nowMs: number) {
  return Array.from({ length: count }, () =>
    rotation.url(rotation.next(nowMs)),
  );
}

/** Ends one call to each of the hosts in turn; what that said about the backend. */
function fail(rotation: BackendHosts, url: string, times: number) {
  const said = [];
  while (said.length < times) {
    const turn = rotation.next(0);
    const hasFailed = rotation.url(turn) === url;
    const outcome = rotation.settle(turn, hasFailed ? 'failure' : 'success', 0);
    if (hasFailed) said.push(outcome);
  }
  return said;
}

describe('the hosts of a backend', () => {
  it('are used in turn', () => {
    const rotation = rotationOf([A, B, C]);
    expect(turns(rotation, 7, 0)).toEqual([A, B, C, A, B, C, A]);
  });

  it('rest for a second after a failed connection and then get one call', () => {
    const rotation = rotationOf([A, B, C]);
    rotation.rest('b:8080', 0);
    expect(turns(rotation, 4, 0)).toEqual([A, C, A, C]);
    expect(turns(rotation, 2, 999)).toEqual([A, C]);
    expect(turns(rotation, 6, 1000)).toEqual([A, B, C, A, C, A]);
  });

  it('are tried in turn when all of them rest', () => {
    const rotation = rotationOf([A, B]);
    rotation.rest('a:8080', 0);
    rotation.rest('b:8080', 0);
    expect(turns(rotation, 4, 10)).toEqual([A, B, A, B]);
  });

  it('rest together when they share an address', () => {
    const rotation = rotationOf([`${A}/v1`, `${A}/v2`, B]);
    rotation.rest('a:8080', 0);
    expect(turns(rotation, 2, 1)).toEqual([B, B]);
  });

  it('are identified with the default port of their protocol', () => {
    const rotation = rotationOf(['http://a', 'https://b', C]);
    rotation.rest('a:80', 0);
    rotation.rest('b:443', 0);
    expect(turns(rotation, 2, 1)).toEqual([C, C]);
  });

  it('are identified by an IPv6 address without brackets', () => {
    const rotation = rotationOf(['http://[::1]:8080', B]);
    rotation.rest('::1:8080', 0);
    expect(turns(rotation, 2, 1)).toEqual([B, B]);
  });

  it('ignore an address that is not theirs', () => {
    const rotation = rotationOf([A, B]);
    rotation.rest('proxy:3128', 0);
    expect(turns(rotation, 2, 1)).toEqual([A, B]);
  });

  it('are ejected after five failures in a row by default', () => {
    const rotation = rotationOf([A, B]);
    const failures = Array(4).fill('failure');
    expect(fail(rotation, B, 5)).toEqual([...failures, 'ignored']);
    expect(turns(rotation, 3, 1)).toEqual([A, A, A]);
    expect(turns(rotation, 2, 29_999)).toEqual([A, A]);
    expect(turns(rotation, 4, 30_000).filter((url) => url === B)).toHaveLength(
      1,
    );
  });

  it('stay in rotation however often they fail when outlier detection is off', () => {
    const rotation = rotationOf([A, B], { outlierDetection: false });
    expect(new Set(fail(rotation, B, 100))).toEqual(new Set(['failure']));
    expect(turns(rotation, 2, 0).toSorted()).toEqual([A, B]);
  });

  it('are never ejected when there is only one', () => {
    const rotation = rotationOf([A]);
    fail(rotation, A, 100);
    rotation.rest('a:8080', 0);
    expect(rotation.view(0)).toEqual([
      {
        url: A,
        state: 'active',
        pending: 0,
        consecutiveErrors: 100,
        outForMs: 0,
      },
    ]);
  });

  it('give way to the least busy one when configured', () => {
    const rotation = rotationOf([A, B], { loadBalancing: 'least-pending' });
    const [first] = [rotation.next(0), rotation.next(0), rotation.next(0)];
    expect(rotation.view(0).map(({ pending }) => pending)).toEqual([2, 1]);
    expect(turns(rotation, 1, 0)).toEqual([B]);
    rotation.settle(first, 'success', 0);
    expect(turns(rotation, 1, 0)).toEqual([A]);
  });

  it('publish each state change with the number of hosts left', () => {
    const seen: unknown[] = [];
    const listener = (message: unknown) => seen.push(message);
    subscribe('floodgate:host', listener);
    onTestFinished(() => {
      unsubscribe('floodgate:host', listener);
    });
    const rotation = rotationOf([A, B]);
    rotation.rest('a:8080', 0);
    rotation.rest('b:8080', 0);
    rotation.settle(rotation.next(0), 'success', 0);
    expect(seen).toEqual([
      { backend: 'catalog', host: A, to: 'ejected', active: 1 },
      { backend: 'catalog', host: B, to: 'ejected', active: 0 },
      { backend: 'catalog', host: A, to: 'active', active: 1 },
    ]);
  });

  it('log each state change when configured', () => {
    const warn = vi.spyOn(Logger.prototype, 'warn').mockReturnValue();
    onTestFinished(() => warn.mockRestore());
    const loud = { outlierDetection: { logStatusChange: true } };
    rotationOf([A, B], loud).rest('a:8080', 0);
    rotationOf([A, B]).rest('a:8080', 0);
    expect(warn.mock.calls).toEqual([
      [`host ${A} of "catalog" is ejected; 1 of 2 hosts are active`],
    ]);
  });
});
