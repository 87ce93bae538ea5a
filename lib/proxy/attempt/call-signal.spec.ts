import { describe, expect, it } from 'vitest';
import { CallSignal } from './call-signal.js';

describe('CallSignal', () => {
  it('gives its listeners the reason once and keeps it', () => {
    const signal = new CallSignal();
    const told: unknown[] = [];
    signal.addEventListener('abort', (reason) => told.push(reason));
    signal.abort('first');
    signal.abort('second');
    expect(told).toEqual(['first']);
    expect(signal.aborted).toBe(true);
    expect(signal.reason).toBe('first');
  });

  it('does not call a removed listener', () => {
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

  it('calls every other listener when one removes itself meanwhile', () => {
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

  it('calls a listener at once when added after the abort', () => {
    const signal = new CallSignal();
    signal.abort('over');
    const told: unknown[] = [];
    signal.onAbort((reason) => told.push(reason));
    expect(told).toEqual(['over']);
  });
});
