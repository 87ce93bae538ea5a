import { describe, expect, it } from 'vitest';
import { processTerminal } from './terminal.js';

function streams(isTTY: boolean, env: Record<string, string> = {}) {
  const written: string[] = [];
  const stream = { isTTY, write: (text: string) => written.push(text) };
  const made = processTerminal({
    stdout: stream,
    stderr: stream,
    env,
  } as never);
  return { made, written };
}

describe('a terminal', () => {
  it('is plain where nobody looks and under NO_COLOR', () => {
    expect(streams(false).made.paint('red', 'a')).toBe('a');
    expect(streams(true, { NO_COLOR: '1' }).made.paint('red', 'a')).toBe('a');
  });

  it('writes lines', () => {
    const { made, written } = streams(false);
    made.print('a');
    made.complain('b');
    expect(written).toEqual(['a\n', 'b\n']);
  });

  it('leaves out what is only good to know when it is quiet', () => {
    const written: string[] = [];
    const stream = { write: (text: string) => written.push(text) };
    const streams = { stdout: stream, stderr: stream, env: {} } as never;
    processTerminal(streams, () => true).tell('a');
    processTerminal(streams, () => false).tell('b');
    expect(written).toEqual(['b\n']);
  });
});
