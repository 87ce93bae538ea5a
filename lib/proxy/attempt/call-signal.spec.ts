import { describe, expect, it } from 'vitest';
import { CallSignal } from './call-signal.js';

describe('the signal of a call', () => {
  it('tells its listeners the reason, once, and keeps it', () => {
    const signal = new CallSignal();
    const told: unknown[] = [];
    signal.addEventListener('abort', (reason) => told.push(reason));
    signal.abort('first');
    signal.abort('second');
    expect(told).toEqual(['first']);
    expect(signal.aborted).toBe(true);
    expect(signal.reason).toBe('first');
  });

  it('tells nobody who was removed', () => {
    const signal = new CallSignal();
    const told: string[] = [];
    const left = () => told.push('left');
    signal.addEventListener('abort', left);
    signal.addEventListener('abort', () => told.push('stayed'));
    signal.removeEventListener('abort', left);
    signal.removeEventListener('abort', left);
    signal.abort('over');
    expect(told).toEqual(['stayed']);
  });

  it('tells all listeners although one leaves while they are told', () => {
    const signal = new CallSignal();
    const told: string[] = [];
    const first = () => {
      told.push('first');
      signal.removeEventListener('abort', first);
    };
    signal.addEventListener('abort', first);
    signal.addEventListener('abort', () => told.push('second'));
    signal.abort('over');
    expect(told).toEqual(['first', 'second']);
  });

  it('tells at once whoever asks after the abort', () => {
    const signal = new CallSignal();
    signal.abort('over');
    const told: unknown[] = [];
    signal.onAbort((reason) => told.push(reason));
    expect(told).toEqual(['over']);
  });
});
