import { describe, expect, it } from 'vitest';
import { HostRotation } from './host-rotation.js';

const A = 'http://a:8080';
const B = 'http://b:8080';
const C = 'http://c:8080';

function turns(rotation: HostRotation, count: number, nowMs: number) {
  return Array.from({ length: count }, () => rotation.next(nowMs));
}

describe('the hosts of a backend', () => {
  it('are used in turn', () => {
    const rotation = new HostRotation([A, B, C]);
    expect(turns(rotation, 7, 0)).toEqual([A, B, C, A, B, C, A]);
  });

  it('rest for a second after they could not be connected to', () => {
    const rotation = new HostRotation([A, B, C]);
    rotation.rest('b:8080', 0);
    expect(turns(rotation, 4, 0)).toEqual([A, C, A, C]);
    expect(turns(rotation, 2, 999)).toEqual([A, C]);
    expect(turns(rotation, 3, 1000)).toEqual([A, B, C]);
  });

  it('are tried all the same, in turn, when every one of them rests', () => {
    const rotation = new HostRotation([A, B]);
    rotation.rest('a:8080', 0);
    rotation.rest('b:8080', 0);
    expect(turns(rotation, 4, 10)).toEqual([A, B, A, B]);
  });

  it('rest together when they share an address', () => {
    const rotation = new HostRotation([`${A}/v1`, `${A}/v2`, B]);
    rotation.rest('a:8080', 0);
    expect(turns(rotation, 2, 1)).toEqual([B, B]);
  });

  it('are known by the default port of their protocol', () => {
    const rotation = new HostRotation(['http://a', 'https://b', C]);
    rotation.rest('a:80', 0);
    rotation.rest('b:443', 0);
    expect(turns(rotation, 2, 1)).toEqual([C, C]);
  });

  it('are known by an IPv6 address without its brackets', () => {
    const rotation = new HostRotation(['http://[::1]:8080', B]);
    rotation.rest('::1:8080', 0);
    expect(turns(rotation, 2, 1)).toEqual([B, B]);
  });

  it('do not mind an address that is none of theirs', () => {
    const rotation = new HostRotation([A, B]);
    rotation.rest('proxy:3128', 0);
    expect(turns(rotation, 2, 1)).toEqual([A, B]);
  });
});
