import { describe, expect, it } from 'vitest';
import { RequestLife, RequestEnd } from './request-life.js';

describe('the life of a request', () => {
  it('tells every listener once how the request ended early', () => {
    const life = new RequestLife(100);
    const told: [string, RequestEnd][] = [];
    life.onEnd((end) => told.push(['a', end]));
    life.onEnd((end) => told.push(['b', end]));
    life.endEarly('caller-left');
    life.endEarly('deadline');
    expect(told).toEqual([
      ['a', 'caller-left'],
      ['b', 'caller-left'],
    ]);
    expect(life.end).toBe('caller-left');
  });

  it('does not call a removed listener, even one removed while others are called', () => {
    const life = new RequestLife(100);
    const told: string[] = [];
    const second = () => told.push('second');
    life.onEnd(() => {
      told.push('first');
      life.offEnd(second);
    });
    life.onEnd(second);
    life.endEarly('deadline');
    expect(told).toEqual(['first']);
  });

  it('ends normally once the request is answered', () => {
    const life = new RequestLife(100);
    expect(life.isPast).toBe(false);
    life.answered();
    expect(life.isPast).toBe(true);
    expect(life.end).toBeUndefined();
  });

  it('records a timeout when the deadline comes first', () => {
    const life = new RequestLife(100);
    life.endEarly('deadline');
    life.answered();
    expect(life.isPast).toBe(false);
    expect(life.end).toBe('deadline');
  });
});
