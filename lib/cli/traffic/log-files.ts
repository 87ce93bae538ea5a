import { createReadStream, statSync } from 'node:fs';
import { pipeline, Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { createGunzip } from 'node:zlib';
import { CommandError, fileError, fileName, STANDARD_INPUT } from '../files.js';
import { LineReader } from './log-line.js';
import { LoggedRequest, NO_REQUEST, TrafficRequest } from './request.js';
import { RequestSorter } from './request-sorter.js';

/** What was found in logs besides requests. */
export interface LogTally {
  /** Lines that are understood and hold no request. */
  noRequest: number;
  /** Lines that are not understood. */
  unreadable: number;
  /** The first of them: `access.log, line 5`, and what it says. */
  firstUnreadable?: { readonly at: string; readonly line: string };
  /** Requests that are too far out of order to be sorted. */
  late: number;
}

export interface LogOptions {
  /** Replays requests in their order at so many a second, whatever times the log has. */
  readonly rps?: number;
  /** The names of headers that will be asked for. */
  readonly headers?: Iterable<string>;
  /** Called with bytes of input, packed as they are, each time some have been read. */
  readonly onBytes?: (bytes: number) => void;
  readonly stdin: Readable;
}

/** The size of all logs together; `undefined` where one is standard input. */
export function sizeOf(files: readonly string[]): number | undefined {
  if (files.includes(STANDARD_INPUT)) return undefined;
  return files.reduce((sum, file) => sum + fileSize(file), 0);
}

/** @throws CommandError where the file isn't there */
function fileSize(file: string): number {
  try {
    return statSync(file).size;
  } catch (error) {
    throw fileError(file, error);
  }
}

/**
 * Reads access logs as they stream, however large, and hands their requests
 * over in the order of time. Several logs are merged: those of several
 * instances, or the rotated parts of one, in whatever order they are named.
 *
 * @throws CommandError where a log cannot be read, no line of it is understood, or none has a time
 */
export async function readLogs(
  files: readonly string[],
  sink: (request: TrafficRequest) => void,
  options: LogOptions,
): Promise<LogTally> {
  const tally: LogTally = { noRequest: 0, unreadable: 0, late: 0 };
  const logs = files.map((file) => new Log(file, tally, options));
  if (options.rps !== undefined) await pace(logs, options.rps, sink);
  else tally.late = await merge(logs, sink);
  for (const log of logs) log.requireUnderstood();
  return tally;
}

async function pace(
  logs: readonly Log[],
  rps: number,
  sink: (request: TrafficRequest) => void,
): Promise<void> {
  let count = 0;
  for (const log of logs) {
    while (await log.advance()) {
      for (const request of log.pending) {
        sink(Object.assign(request, { atMs: (count++ * 1000) / rps }));
      }
    }
  }
}

/** Takes requests from whichever log is furthest behind; returns how many came too late to be sorted. */
async function merge(
  logs: readonly Log[],
  sink: (request: TrafficRequest) => void,
): Promise<number> {
  const sorter = new RequestSorter(sink);
  let open: Log[] = [];
  for (const log of logs) if (await log.advance()) open.push(log);
  while (open.length > 0) {
    const log = open.reduce((a, b) => (b.positionMs < a.positionMs ? b : a));
    sorter.addAll(log.pending);
    if (!(await log.advance())) open = open.filter((other) => other !== log);
  }
  sorter.end();
  return sorter.late;
}

/** A line that is longer is given up: nothing that asks for a request is. */
const LONGEST_LINE = 1024 * 1024;

/** One log, of which a chunk at a time is in memory. */
class Log {
  /** Requests of the chunk that was read last. */
  pending: LoggedRequest[] = [];
  private readonly reader: LineReader;
  private readonly chunks: AsyncIterator<string>;
  private rest = '';
  private isSkipping = false;
  private number = 0;
  private requests = 0;
  private untimed = 0;
  private firstLine: string | undefined;

  constructor(
    private readonly file: string,
    private readonly tally: LogTally,
    private readonly options: LogOptions,
  ) {
    this.reader = new LineReader(options.headers);
    this.chunks = textOf(file, options);
  }

  /** The time up to which it was read. */
  get positionMs(): number {
    return this.pending[0]?.atMs ?? -Infinity;
  }

  /** Reads the next chunk with a request; `false` at the end. */
  async advance(): Promise<boolean> {
    this.pending = [];
    while (this.pending.length === 0) {
      const chunk = await this.next();
      if (chunk === undefined) {
        if (this.rest !== '') this.take(this.rest);
        this.rest = '';
        return this.pending.length > 0;
      }
      this.takeAll(chunk);
    }
    return true;
  }

  /** @throws CommandError where the log holds lines, and no request that can be replayed */
  requireUnderstood(): void {
    if (this.requests > 0 || this.firstLine === undefined) return;
    const first = JSON.stringify(this.firstLine.slice(0, 120));
    const cut = this.firstLine.length > 120 ? ' …' : '';
    throw new CommandError(
      this.untimed > 0
        ? `${fileName(this.file)}: its lines have no time (morgan's "dev", "tiny" and "short" write none). Log in another format, such as "combined", keep the times that a container's log puts before each line (docker logs --timestamps), or say with --rps how many requests came each second. The first line is: ${first}${cut}`
        : `${fileName(this.file)}: no line is understood as a request. floodgate simulate --help names the formats that are known. The first line is: ${first}${cut}`,
    );
  }

  private async next(): Promise<string | undefined> {
    try {
      const { done, value } = await this.chunks.next();
      return done ? undefined : value;
    } catch (error) {
      throw fileError(this.file, error);
    }
  }

  private takeAll(chunk: string): void {
    const lines = (this.rest + chunk).split('\n');
    this.rest = lines.pop() ?? '';
    if (this.rest.length > LONGEST_LINE) {
      if (!this.isSkipping) this.take(this.rest.slice(0, 200));
      this.isSkipping = true;
      this.rest = '';
    }
    for (const line of lines) {
      if (this.isSkipping) this.isSkipping = false;
      else this.take(line);
    }
  }

  private take(line: string): void {
    this.number++;
    if (line === '' || line === '\r') return;
    const read = this.reader.read(line);
    this.firstLine ??= line.trim();
    if (read === undefined) this.unreadable(line);
    else if (read === NO_REQUEST) this.tally.noRequest++;
    else if (read.atMs === undefined && this.options.rps === undefined) {
      this.untimed++;
      this.unreadable(line);
    } else {
      this.requests++;
      this.pending.push(read);
    }
  }

  private unreadable(line: string): void {
    this.tally.unreadable++;
    this.tally.firstUnreadable ??= {
      at: `${fileName(this.file)}, line ${this.number}`,
      line: line.trim().slice(0, 120),
    };
  }
}

/** The text of a log, in chunks, unpacked where it is packed. */
async function* textOf(
  file: string,
  { onBytes, stdin }: LogOptions,
): AsyncGenerator<string> {
  const bytes = bytesOf(
    file === STANDARD_INPUT ? stdin : createReadStream(file),
    onBytes,
  );
  const first = await beginning(bytes);
  if (first.length === 0) return;
  const all = startingWith(first, bytes);
  // Unlike a TextDecoder it makes plain text one byte a character.
  const decoder = new StringDecoder(encodingOf(first));
  for await (const chunk of unpacked(first, all)) {
    yield decoder.write(chunk);
  }
}

async function* bytesOf(
  stream: Readable,
  onBytes: LogOptions['onBytes'],
): AsyncGenerator<Buffer> {
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    onBytes?.(chunk.length);
    yield chunk;
  }
}

/** The first bytes, as many as tell what a file is. */
async function beginning(bytes: AsyncIterator<Buffer>): Promise<Buffer> {
  let first = Buffer.alloc(0);
  while (first.length < 4) {
    const { done, value } = await bytes.next();
    if (done) break;
    first = Buffer.concat([first, value]);
  }
  return first;
}

async function* startingWith(
  first: Buffer,
  others: AsyncIterable<Buffer>,
): AsyncGenerator<Buffer> {
  yield first;
  yield* others;
}

/** What files begin with that only other tools unpack. */
const PACKED: readonly [name: string, magic: readonly number[]][] = [
  ['bzip2', [0x42, 0x5a, 0x68]],
  ['Zstandard', [0x28, 0xb5, 0x2f, 0xfd]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58]],
  ['zip', [0x50, 0x4b, 0x03, 0x04]],
];

function unpacked(
  first: Buffer,
  all: AsyncIterable<Buffer>,
): AsyncIterable<Buffer> {
  const begins = (magic: readonly number[]) =>
    magic.every((byte, i) => first[i] === byte);
  const packed = PACKED.find(([, magic]) => begins(magic));
  if (packed) {
    throw new Error(`it is packed with ${packed[0]}; unpack it first`);
  }
  if (!begins([0x1f, 0x8b])) return all;
  const gunzip = createGunzip();
  // A fault of either end ends both, and the reader of the text learns of it.
  pipeline(Readable.from(all), gunzip, () => {});
  return gunzip;
}

/** Windows tools write UTF-16 with a mark. */
function encodingOf(first: Buffer): BufferEncoding {
  return first[0] === 0xff && first[1] === 0xfe ? 'utf16le' : 'utf8';
}
