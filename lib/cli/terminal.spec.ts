import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import {
  counted,
  endWithReader,
  processTerminal,
  textTable,
} from './terminal.js';
import { recordingTerminal } from './terminal.fixture.js';

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

describe('the terminal', () => {
  it('prints no colours to a pipe or under NO_COLOR', () => {
    expect(streams(false).made.paint('red', 'a')).toBe('a');
    expect(streams(true, { NO_COLOR: '1' }).made.paint('red', 'a')).toBe('a');
  });

  it('writes lines', () => {
    const { made, written } = streams(false);
    made.print('a');
    made.complain('b');
    expect(written).toEqual(['a\n', 'b\n']);
  });

  it('omits notes under --quiet', () => {
    const written: string[] = [];
    const stream = { write: (text: string) => written.push(text) };
    const streams = { stdout: stream, stderr: stream, env: {} } as never;
    processTerminal(streams, () => true).tell('a');
    processTerminal(streams, () => false).tell('b');
    expect(written).toEqual(['b\n']);
  });

  it('stops quietly when its reader closes the pipe, and rethrows any other error', () => {
    const stdout = new EventEmitter();
    let exits = 0;
    const exit = () => exits++;
    endWithReader({ stdout, stderr: new EventEmitter(), exit } as never);
    const fault = (code: string) => Object.assign(new Error(code), { code });
    stdout.emit('error', fault('EPIPE'));
    expect(exits).toBe(1);
    expect(() => stdout.emit('error', fault('EIO'))).toThrow('EIO');
  });
});

describe('a table', () => {
  it('draws a box when short and plain columns when long', () => {
    const row = ['GET /a', '1/s'];
    const table = (rows: number) =>
      textTable(
        ['endpoint', 'limit'],
        Array.from({ length: rows }, () => row),
        recordingTerminal(),
      ).split('\n');
    expect(table(2)).toContain('│ GET /a   │ 1/s   │');
    expect(table(20_000).slice(0, 2)).toEqual([
      'endpoint  limit',
      'GET /a    1/s',
    ]);
  });

  it('agrees in number with what it counts', () => {
    expect(['finding', 'error'].map((thing) => counted(1, thing))).toEqual([
      '1 finding',
      '1 error',
    ]);
    expect(counted(0, 'note')).toBe('0 notes');
  });
});
