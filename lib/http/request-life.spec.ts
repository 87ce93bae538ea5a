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

  it('tells nobody who no longer listens, also when they leave while others are told', () => {
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

  it('is over without an early end once it is answered', () => {
    const life = new RequestLife(100);
    expect(life.isPast).toBe(false);
    life.answered();
    expect(life.isPast).toBe(true);
    expect(life.end).toBeUndefined();
  });

  it('was not answered in time when its deadline came first', () => {
    const life = new RequestLife(100);
    life.endEarly('deadline');
    life.answered();
    expect(life.isPast).toBe(false);
    expect(life.end).toBe('deadline');
  });
});
