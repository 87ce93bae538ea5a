import { isIP } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ownTimeMs } from '../../../test/support/own-time.js';
import { LineReader } from './log-line.js';
import { LoggedRequest, NO_REQUEST } from './request.js';

const atMs = Date.UTC(2026, 9, 10, 13, 55, 36);
const CLF = '[10/Oct/2026:13:55:36 +0000]';
const GET = '"GET /a?b=1 HTTP/1.1"';
const HEADERS = ['X-User', 'X-Other', 'X-Key', 'Cookie', 'Authorization'];
const AGENT = '"-" "curl/8"';

/** What several lines of one log are, the last of them. */
function read(...lines: string[]) {
  const reader = new LineReader(HEADERS);
  return lines.map((line) => reader.read(line)).at(-1);
}

function request(...lines: string[]): LoggedRequest {
  const found = read(...lines);
  if (found === undefined || found === NO_REQUEST) {
    throw new Error(`no request: ${lines.at(-1)}`);
  }
  return found;
}

const docker = (log: string) =>
  JSON.stringify({
    log: `${log}\n`,
    stream: 'stdout',
    time: '2026-10-10T13:55:36.000000000Z',
  });
const pino = (more: object, req: object = {}) =>
  JSON.stringify({
    level: 30,
    time: atMs,
    pid: 7,
    hostname: 'web-1',
    req: {
      id: 1,
      method: 'GET',
      url: '/a?b=1',
      headers: { host: 'shop:3000', 'x-user': 'ann' },
      remoteAddress: '192.0.2.1',
      remotePort: 51234,
      ...req,
    },
    ...more,
  });

/** Each is a request for /a by 192.0.2.1 at 13:55:36. */
const FORMATS: Readonly<Record<string, string | string[]>> = {
  common: `192.0.2.1 - - ${CLF} ${GET} 200 12`,
  'common, in another zone': `192.0.2.1 - ann [10/Oct/2026:19:25:36 +0530] ${GET} 200 12`,
  'common, of a user with a blank': `192.0.2.1 - ann lee ${CLF} ${GET} 200 12`,
  combined: `192.0.2.1 - - [10/Oct/2026:06:55:36 -0700] ${GET} 304 - "http://x/" "curl/8"`,
  'combined, with forwarded addresses at its end': `192.0.2.1 - - ${CLF} ${GET} 200 1 ${AGENT} "203.0.113.9, 10.0.0.1"`,
  'combined, with a quote in the user agent': `192.0.2.1 - - ${CLF} ${GET} 200 1 "-" "a \\"b\\" c"`,
  'combined, with the time before a fraction': `192.0.2.1 - - [10/Oct/2026:13:55:36.000 +0000] ${GET} 200 12`,
  vhost_combined: `shop.example:443 192.0.2.1 - - ${CLF} ${GET} 200 1 ${AGENT}`,
  'vhost_combined, of a host without port': `shop.example 192.0.2.1 - ann ${CLF} ${GET} 200 1 ${AGENT}`,
  'vhost_combined, of an address as host': `10.0.0.7:80 192.0.2.1 - - ${CLF} ${GET} 200 1 ${AGENT}`,
  'forwarded addresses in front': `192.0.2.1, 10.0.0.1 - - ${CLF} ${GET} 200 1`,
  'an address with its port': `192.0.2.1:51234 - - ${CLF} ${GET} 200 1`,
  'ingress-nginx': `192.0.2.1 - - ${CLF} ${GET} 200 1 ${AGENT} 413 0.011 [shop-web-80] [] 10.0.0.9:3000 12 0.012 200 3f2a9c`,
  'ingress-nginx of old': `192.0.2.1 - [192.0.2.1] - - ${CLF} ${GET} 200 1 ${AGENT}`,
  'nginx under syslog': `<190>Oct 10 13:55:36 lb-1 nginx: 192.0.2.1 - - ${CLF} ${GET} 200 1 ${AGENT}`,
  'combined under CRI': `2026-10-10T13:55:36.5Z stdout F 192.0.2.1 - - ${CLF} ${GET} 200 1 ${AGENT}`,
  'combined under CRI, in two parts': [
    `2026-10-10T13:55:36.5Z stdout P 192.0.2.1 - - ${CLF} "GET /a?b=${'x'.repeat(16_000)}`,
    `2026-10-10T13:55:36.5Z stdout F yz HTTP/1.1" 200 1`,
  ],
  'combined under Docker': docker(`192.0.2.1 - - ${CLF} ${GET} 200 1 ${AGENT}`),
  'combined under Compose': `web-1  | 192.0.2.1 - - ${CLF} ${GET} 200 1 ${AGENT}`,
  'combined under Compose, in colour': `\u001B[36mweb-1  |\u001B[0m 192.0.2.1 - - ${CLF} ${GET} 200 1`,
  'combined under kubectl': `[pod/web-1-x2/nginx] 192.0.2.1 - - ${CLF} ${GET} 200 1 ${AGENT}`,
  'JSON lines': `{"time":"2026-10-10T13:55:36Z","method":"get","path":"/a","ip":"192.0.2.1"}`,
  'JSON lines under CRI': `2026-10-10T13:55:36.5Z stderr F {"time":"2026-10-10T13:55:36Z","method":"get","path":"/a","ip":"192.0.2.1"}`,
  'JSON lines under Compose': `web-1 | {"time":"2026-10-10T13:55:36Z","method":"get","path":"/a","ip":"192.0.2.1"}`,
  'JSON lines under Docker': docker(
    `{"time":"2026-10-10T13:55:36Z","method":"get","path":"/a","ip":"192.0.2.1"}`,
  ),
  'nginx JSON': `{"msec":"1791640536.000","request":"GET /a?x HTTP/1.1","remote_addr":"192.0.2.1","server_name":"shop","remote_port":"51234"}`,
  'nginx JSON with a local time': `{"time_local":"10/Oct/2026:13:55:36 +0000","request_method":"GET","request_uri":"/a?b","remote_addr":"192.0.2.1","http_user_agent":"a \\x22b\\x22"}`,
  Caddy: `{"level":"info","ts":1791640536.5,"logger":"http.log.access.log0","msg":"handled request","request":{"remote_ip":"10.0.0.1","remote_port":"41342","client_ip":"192.0.2.1","proto":"HTTP/2.0","method":"GET","host":"shop","uri":"/a?b","headers":{"X-User":["ann"]}},"duration":0.5,"status":200}`,
  'Traefik CLF': `192.0.2.1 - - ${CLF} "GET /a HTTP/1.1" 200 12 "-" "-" 1 "web@docker" "http://10.0.0.9:80" 5ms`,
  'Traefik JSON': `{"ClientAddr":"192.0.2.1:52180","ClientHost":"192.0.2.1","ClientPort":"52180","DownstreamStatus":200,"Duration":123456,"RequestAddr":"shop","RequestHost":"shop","RequestMethod":"GET","RequestPath":"/a?b","StartUTC":"2026-10-10T13:55:36.000000001Z","level":"info","time":"2026-10-10T13:55:37Z"}`,
  Envoy: `[2026-10-10T13:55:36.000Z] "GET /a?b HTTP/1.1" 200 - 0 12 5 4 "192.0.2.1" "curl/8" "3f2a-9c" "shop:443" "10.0.0.9:8080"`,
  Istio: `[2026-10-10T13:55:36.000Z] "GET /a?b HTTP/1.1" 200 - via_upstream - "-" 0 12 5 4 "-" "curl/8" "3f2a-9c" "shop:443" "10.0.0.9:8080" inbound|80|| 127.0.0.6:43521 10.0.0.9:8080 192.0.2.1:33988 shop default`,
  HAProxy: `Oct 10 13:55:36 lb haproxy[14389]: 192.0.2.1:33317 [10/Oct/2026:13:55:36.000] http-in static/srv1 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 {shop} {} "GET /a?b HTTP/1.1"`,
  ALB: `https 2026-10-10T13:55:36.186641Z app/lb/50dc 192.0.2.1:2817 10.0.0.1:80 0.000 0.186 0.000 200 200 34 366 "GET https://shop:443/a?b HTTP/1.1" "curl/8" ECDHE TLSv1.2 arn:aws:x "Root=1-58" "shop" "arn:aws:y" 0 2026-10-10T13:55:36.000000Z "forward" "-" "-" "10.0.0.1:80" "200" "-" "-"`,
  ELB: `2026-10-10T13:55:36.000000Z lb 192.0.2.1:2817 10.0.0.1:80 0.000073 0.001048 0.000057 200 200 0 29 "GET http://shop:80/a?b HTTP/1.1" "curl/8" - -`,
  CloudFront: [
    '#Version: 1.0',
    '#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent)',
    '2026-10-10\t13:55:36\tFRA6\t391\t192.0.2.1\tGET\td1.cloudfront.net\t/a\t200\t-\tcurl/8',
  ],
  'CloudFront, a part without names':
    '2026-10-10\t13:55:36\tFRA6\t391\t192.0.2.1\tGET\td1.cloudfront.net\t/a\t200\t-\tcurl/8\tb=1',
  IIS: [
    '#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) sc-status',
    '2026-10-10 13:55:36 10.0.0.1 GET /a b=1 443 - 192.0.2.1 curl/8 200',
  ],
  'Google Cloud': `{"httpRequest":{"requestMethod":"GET","requestUrl":"https://shop/a?b","remoteIp":"192.0.2.1","serverIp":"10.0.0.9","status":200,"latency":"0.1s"},"timestamp":"2026-10-10T13:55:36.000Z","receiveTimestamp":"2026-10-10T13:55:38Z"}`,
  KrakenD: `[GIN] 2026/10/10 - 13:55:36 | 200 |     1.234ms |       192.0.2.1 | GET      "/a?b"`,
  'KrakenD, in colour': `[GIN] 2026/10/10 - 13:55:36 |\u001B[97;42m 200 \u001B[0m|     1.234ms |       192.0.2.1 |\u001B[97;44m GET     \u001B[0m "/a"`,
  'KrakenD under Compose': `krakend-1  | [GIN] 2026/10/10 - 13:55:36 | 200 | 1.234ms | 192.0.2.1 | GET "/a"`,
  'KrakenD Enterprise': `[GW] 2026/10/10 - 13:55:36 [AccessLog] |200| 12 | 192.0.2.1 | GET /a`,
  'morgan combined': `192.0.2.1 - - ${CLF} ${GET} 200 12 "-" "curl/8"`,
  'morgan short under CRI': `2026-10-10T13:55:36Z stdout F 192.0.2.1 - GET /a HTTP/1.1 200 12 - 5.123 ms`,
  'pino-http': pino({ res: { statusCode: 200 }, msg: 'request completed' }),
  'pino-http, that tells how long it took': pino({
    time: atMs + 7,
    res: { statusCode: 200 },
    responseTime: 7,
  }),
  'pino-http, aborted': pino({ res: {}, msg: 'request aborted' }),
  'Fastify pino': `{"level":30,"time":${atMs},"pid":7,"hostname":"web-1","reqId":"req-1","req":{"method":"GET","url":"/a","host":"shop:3000","remoteAddress":"192.0.2.1","remotePort":51234},"msg":"incoming request"}`,
  'API Gateway': `{"requestId":"x","ip":"192.0.2.1","requestTime":"10/Oct/2026:13:55:36 +0000","httpMethod":"GET","path":"/a","resourcePath":"/{id}","status":"200"}`,
  Cloudflare: `{"ClientIP":"192.0.2.1","ClientRequestHost":"shop","ClientRequestMethod":"GET","ClientRequestURI":"/a?b","EdgeStartTimestamp":${atMs}000000}`,
  'a whole URL': `{"ts":1791640536,"method":"GET","url":"https://shop/a","client_ip":"192.0.2.1"}`,
};

describe('an access log line', () => {
  it.each(Object.entries(FORMATS))('is parsed: %s', (_, lines) => {
    expect(request(...[lines].flat())).toMatchObject({
      atMs,
      method: 'GET',
      path: '/a',
      address: '192.0.2.1',
    });
  });

  it.each([
    ['morgan tiny', 'GET /a 200 12 - 5.123 ms'],
    [
      'morgan dev',
      '\u001B[0mGET /a \u001B[32m200\u001B[0m 5.123 ms - 12\u001B[0m',
    ],
  ])('has neither time nor client: %s', (_, line) => {
    expect(request(line)).toMatchObject({ path: '/a', address: '' });
    expect(request(line).atMs).toBeUndefined();
    expect(request(docker(line)).atMs).toBe(atMs);
  });

  it('has an IPv6 client, with or without brackets and port', () => {
    const v6 = '2001:db8::7';
    for (const line of [
      `${v6} - - ${CLF} ${GET} 200 1`,
      `[${v6}]:443 - - ${CLF} ${GET} 200 1`,
      `shop:443 ${v6} - - ${CLF} ${GET} 200 1`,
      `${v6}:3331 [10/Oct/2026:13:55:36.000] in be/s 0/0/0/0/0 200 1 - - ---- 1/1/1/1/0 0/0 ${GET}`,
      `https 2026-10-10T13:55:36.1Z app/lb/5 [${v6}]:2817 10.0.0.1:80 0 0 0 200 200 34 366 ${GET} "curl/8"`,
    ]) {
      expect(request(line).address).toBe(v6);
    }
  });

  it('has no client rather than a wrong one', () => {
    for (const line of [
      // Who of two is meant?
      `10.0.0.7 192.0.2.1 - - ${CLF} ${GET} 200 1`,
      `shop.example:443 - - ${CLF} ${GET} 200 1`,
      `10.0.0.7:80 client.example - - ${CLF} ${GET} 200 1`,
      `- - - ${CLF} ${GET} 200 1`,
      `unix: - - ${CLF} ${GET} 200 1`,
      `2026-10-10T13:55:36Z - - ${CLF} ${GET} 200 1`,
      `443 - - ${CLF} ${GET} 200 1`,
      `unix:1 [10/Oct/2026:13:55:36.655] in be/s 0/0/0/0/0 200 1 - - ---- 1/1/1/1/0 0/0 ${GET}`,
      `[2026-10-10T13:55:36.000Z] ${GET} 200 - 0 12 5 4 "-" "curl/8" "1" "192.0.2.1:443" "10.0.0.9:80"`,
      `[GIN] 2026/10/10 - 13:55:36 | 200 | 1ms |  | GET "/a"`,
      `{"time":${atMs},"method":"GET","path":"/a","ip":"443"}`,
      `{"time":${atMs},"method":"GET","path":"/a","ip":"shop:443"}`,
      `{"time":${atMs},"method":"GET","path":"/a","ip":"2026-10-10T13:55:36Z"}`,
      `{"time":${atMs},"method":"GET","path":"/a","ip":"unknown"}`,
      `{"time":${atMs},"method":"GET","path":"/a","client":"web-shop","host":"192.0.2.1"}`,
      pino({ res: {} }, { remoteAddress: undefined }),
    ]) {
      expect([line, request(line).address]).toEqual([line, '']);
    }
  });

  it('accepts host names and placeholders as clients', () => {
    expect(request(`client.example - - ${CLF} ${GET} 200 1`).address).toBe(
      'client.example',
    );
    expect(
      request(`{"time":${atMs},"method":"GET","path":"/a","ip":"3f2a9cde"}`)
        .address,
    ).toBe('3f2a9cde');
  });

  it('exposes the headers it logs', () => {
    const combined = request(
      `192.0.2.1 - - ${CLF} ${GET} 200 1 "http://x/" "curl/8" "203.0.113.9"`,
    );
    expect(combined.header?.('Referer')).toBe('http://x/');
    expect(combined.header?.('User-Agent')).toBe('curl/8');
    expect(combined.header?.('X-Forwarded-For')).toBe('203.0.113.9');
    expect(combined.header?.('X-User')).toBeUndefined();
    expect(request(pino({ res: {} })).header?.('X-User')).toBe('ann');
    expect(request(pino({ res: {} })).header?.('X-Other')).toBe('');
    expect(request([FORMATS.Caddy].flat()[0]).header?.('x-user')).toBe('ann');
    const line = (more: string) =>
      request(`{"time":${atMs},"method":"GET","path":"/a",${more}}`);
    expect(line('"x-user":"ann"').header?.('X-User')).toBe('ann');
    expect(line('"http_x_user":"ann"').header?.('X-User')).toBe('ann');
    expect(line('"request_X-User":"ann"').header?.('X-User')).toBe('ann');
    expect(line('"a":1').header?.('X-User')).toBeUndefined();
  });

  it('has no headers when the logger redacts them', () => {
    const header = (headers: object, name: string) =>
      request(pino({ res: {} }, { headers })).header?.(name);
    expect(header({ 'x-key': '[Redacted]' }, 'x-key')).toBeUndefined();
    expect(header({ Cookie: ['REDACTED'] }, 'cookie')).toBeUndefined();
    expect(header({}, 'authorization')).toBeUndefined();
  });

  it.each([
    ['a line of a request’s own logger', pino({ msg: 'reading' })],
    [
      'the other line of Fastify',
      `{"level":30,"time":${atMs},"reqId":"req-1","res":{"statusCode":200},"responseTime":3.2,"msg":"request completed"}`,
    ],
    [
      'an error of Caddy, whose request is told apart',
      `{"ts":${atMs},"logger":"http.log.error","request":{"method":"GET","uri":"/a"},"status":502}`,
    ],
    [
      'what KrakenD says of itself',
      '[KRAKEND] 2026/10/10 - 13:55:36.000 ▶ INFO Starting',
    ],
    ['a connection without a request', `192.0.2.1 - - ${CLF} "-" 408 0`],
    ['bytes of TLS', `192.0.2.1 - - ${CLF} "\\x16\\x03\\x01" 400 0`],
    ['a tunnel', `192.0.2.1 - - ${CLF} "CONNECT shop:443 HTTP/1.1" 400 0`],
    [
      'a bad request of HAProxy',
      '192.0.2.1:33317 [10/Oct/2026:13:55:36.655] in in/<NOSRV> -1/-1/-1/-1/0 400 0 - - PR-- 1/1/1/1/0 0/0 "<BADREQ>"',
    ],
    ['JSON of something else', '{"level":30,"msg":"listening"}'],
    ['a comment', '#Version: 1.0'],
  ])('is recognised as not being a request: %s', (_, line) => {
    expect(read(line)).toBe(NO_REQUEST);
  });

  it.each([
    'words',
    '{',
    'null',
    '[]',
    '192.0.2.1 - - [10/Foo/2026:13:55:36 +0000] "GET / HTTP/1.1" 200 1',
    `192.0.2.1 - - ${CLF} "GET /a`,
    '2026-10-10T13:55:36Z started',
  ])('is not recognised: %s', (line) => expect(read(line)).toBeUndefined());

  it('never crashes the parser', () => {
    const hostile = ['time', 'request', 'ip', 'headers'].map(
      (field) => `{"time":1,"path":"/a","${field}":[{"toString":""}]}`,
    );
    const samples = Object.values(FORMATS).flat();
    const mangled = fc
      .tuple(fc.constantFrom(...samples), fc.nat(400), fc.nat(20), fc.string())
      .map(
        ([text, at, cut, more]) =>
          text.slice(0, at) + more + text.slice(at + cut),
      );
    const texts = fc.oneof(
      fc.string(),
      fc.json(),
      fc.json().map((j) => `{"time":${j},"method":${j},"path":${j}}`),
      mangled,
    );
    fc.assert(
      fc.property(texts, (text) => {
        const found = read(text);
        if (found === undefined || found === NO_REQUEST) return;
        expect(found.path).toMatch(/^(?:\/|\*$)/);
        expect(found.atMs === undefined || Number.isFinite(found.atMs)).toBe(
          true,
        );
        const { address } = found;
        const isClient =
          isIP(address) !== 0 ||
          (/[a-z]/i.test(address) && !/[\s:/]/.test(address));
        expect(address === '' || isClient).toBe(true);
      }),
      { numRuns: 3000, examples: hostile.map((text) => [text]) },
    );
  });

  it('is parsed in time linear in its length, whatever it contains', () => {
    const heads = [
      ...Object.values(FORMATS).map((lines) => [lines].flat().at(-1)!),
      `192.0.2.1 - - ${CLF} "GET /`,
      '192.0.2.1 - - ',
      '',
    ];
    const fillers = [
      'a',
      ' ',
      '"',
      '\\',
      '[',
      '{"a":',
      ',',
      '|',
      ';',
      '\u001B[',
      '\u001B[;',
      '\\x',
      '\t',
      '/',
      'A ',
      '10/Oct/2026:',
    ];
    const reader = new LineReader(HEADERS);
    const costMs = (line: string) => {
      const begunMs = ownTimeMs();
      reader.read(line);
      return ownTimeMs() - begunMs;
    };
    const bestMs = (line: string) =>
      Math.min(...[1, 2, 3, 4].map(() => costMs(line)));
    const slow: string[] = [];
    for (const head of heads) {
      for (const filler of fillers) {
        const lineOf = (length: number) =>
          head + filler.repeat(length / filler.length);
        const whole = lineOf(64 * 1024);
        if (costMs(whole) < 5) continue;
        // Four times as long: four times the time, or sixteen where it is quadratic.
        const quarterMs = bestMs(lineOf(16 * 1024));
        const wholeMs = bestMs(whole);
        if (wholeMs > 8 * quarterMs + 5) {
          slow.push(`${head.slice(0, 40)} + ${filler}: ${wholeMs} ms`);
        }
      }
    }
    expect(slow).toEqual([]);
  });
});
