import { readJsonLine } from './json-formats.js';
import { isIsoTime } from './log-time.js';
import { addressIn, NO_REQUEST, ReadLine, parseTarget } from './request.js';
import { readTextLine } from './text-formats.js';

/** A line may be wrapped so many times: Docker in Kubernetes in a shipper. */
const MOST_WRAPS = 4;
/** What is kept of a line that a container's log cuts into parts. */
const LONGEST_LINE = 1024 * 1024;

/** Reads the lines of one log, in whatever format: each line is looked at by itself. */
export class LineReader {
  /** The columns of a W3C log, as it names them. */
  private columns: string[] = CLOUDFRONT;
  private part = '';
  private readonly headers: readonly string[];

  /** @param headers the names of those that will be asked for */
  constructor(headers: Iterable<string> = []) {
    this.headers = [...headers].map((name) => name.toLowerCase());
  }

  /** What a line is; a part of one is none until the last part is there. */
  read(line: string): ReadLine {
    return this.unwrapped(line, undefined, MOST_WRAPS);
  }

  private unwrapped(
    text: string,
    atMs: number | undefined,
    wraps: number,
  ): ReadLine {
    const line = withoutColours(text).trim();
    if (line === '') return NO_REQUEST;
    const isWrapped = wraps > 0;
    const first = line[0];
    if (first === '{') {
      const json = readJsonLine(line, this.headers);
      if (!json) return undefined;
      if ('read' in json) return withTime(json.read, atMs);
      return isWrapped
        ? (this.joined(json.inner, json.atMs ?? atMs, wraps) ?? NO_REQUEST)
        : NO_REQUEST;
    }
    if (first === '#') return this.directive(line);
    const cri = isWrapped ? criLine(line) : undefined;
    if (cri) {
      const end = cri.isPart ? '' : '\n';
      return this.joined(cri.text + end, cri.atMs, wraps);
    }
    const read = readTextLine(line) ?? this.columnLine(line);
    if (read !== undefined || !isWrapped) return withTime(read, atMs);
    const inner = withoutPrefix(line);
    return inner && this.unwrapped(inner.text, inner.atMs ?? atMs, wraps - 1);
  }

  /** A container's log cuts long lines; only the last part ends with a line break. */
  private joined(
    text: string,
    atMs: number | undefined,
    wraps: number,
  ): ReadLine {
    const whole = this.part + text;
    const isPart = !text.endsWith('\n') && text.length >= SHORTEST_PART;
    this.part = isPart ? whole.slice(0, LONGEST_LINE) : '';
    return isPart ? NO_REQUEST : this.unwrapped(whole, atMs, wraps - 1);
  }

  /** `#Fields:` names the columns of what follows. */
  private directive(line: string): ReadLine {
    if (/^#Fields:/i.test(line)) {
      this.columns = line.slice(8).trim().split(/\s+/);
    }
    return NO_REQUEST;
  }

  /** A line of CloudFront or IIS, whose columns a line before has named. */
  private columnLine(line: string): ReadLine {
    const isTabbed = line.includes('\t');
    if (!isTabbed && this.columns === CLOUDFRONT) return undefined;
    const cells = line.split(isTabbed ? '\t' : ' ', 200);
    const cell = (name: string) => cells[this.columns.indexOf(name)];
    const atMs = Date.parse(`${cell('date')}T${cell('time')}Z`);
    const target = cell('cs-uri-stem');
    if (!Number.isFinite(atMs) || target === undefined) return undefined;
    const read = parseTarget(cell('cs-method') ?? '', target);
    if (!read) return NO_REQUEST;
    const isWholeSecond = !cell('time').includes('.');
    return {
      ...read,
      atMs,
      isWholeSecond,
      address: addressIn(cell('c-ip') ?? ''),
      header: (name) => {
        const wanted = name.toLowerCase();
        const at = this.columns.findIndex((column) =>
          [wanted, `cs(${wanted})`].includes(column.toLowerCase()),
        );
        return cells[at] === '-' ? '' : cells[at];
      },
    };
  }
}

/** Of a standard log of CloudFront, whose rotated parts may lack the line that names them. */
const CLOUDFRONT =
  'date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent) cs-uri-query cs(Cookie)'.split(
    ' ',
  );

const ESCAPE = '\u001B';
const COLOUR = new RegExp(`${ESCAPE}\\[[\\d;]*m`, 'g');

function withoutColours(text: string): string {
  return text.includes(ESCAPE) ? text.replaceAll(COLOUR, '') : text;
}

/** Docker cuts at 16 KB; a short line without a line break is whole. */
const SHORTEST_PART = 8 * 1024;

function withTime(read: ReadLine, atMs: number | undefined): ReadLine {
  if (read === undefined || read === NO_REQUEST) return read;
  if (atMs !== undefined) read.atMs ??= atMs;
  return read;
}

/** `2026-10-10T13:55:36.1Z stdout F …`, as Kubernetes keeps the lines of a container. */
function criLine(line: string) {
  if (!isIsoTime(line, 0)) return undefined;
  const stream = line.indexOf(' ') + 1;
  const tag = line.indexOf(' ', stream) + 1;
  const name = line.slice(stream, tag - 1);
  if (name !== 'stdout' && name !== 'stderr') return undefined;
  const kind = line[tag];
  const end = line.indexOf(' ', tag);
  if (end < 0 || !/^[FP](?::[\w:]{0,40})?$/.test(line.slice(tag, end))) {
    return undefined;
  }
  const atMs = Date.parse(line.slice(0, stream - 1));
  return { text: line.slice(end + 1), atMs, isPart: kind === 'P' };
}

/** What container tools and syslog put before a line, and when they say it came. */
function withoutPrefix(
  line: string,
): { text: string; atMs?: number } | undefined {
  if (isIsoTime(line, 0)) {
    const space = line.indexOf(' ');
    const atMs = Date.parse(line.slice(0, Math.min(space, 40)));
    if (space < 0 || !Number.isFinite(atMs)) return undefined;
    return { text: line.slice(space + 1).trimStart(), atMs };
  }
  const head = line.slice(0, 200);
  // `web-1  | …` of Compose, `[pod/web-1/app] …` of kubectl.
  const prefix = /^(?:[\w.@/-]{1,120} *\| ?|\[[\w./-]{1,160}\] )/.exec(head);
  if (prefix) return { text: line.slice(prefix[0].length).trimStart() };
  // `Oct 10 13:55:36 host app[1]: {…}` of syslog.
  const json = line.indexOf('{');
  return json > 0 && json < 200 && line[json - 1] === ' '
    ? { text: line.slice(json) }
    : undefined;
}
