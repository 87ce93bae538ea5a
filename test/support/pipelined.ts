import { connect } from 'node:net';

/** Sends many requests down one connection without waiting for answers; tells how many answers had which status. */
export function pipelined(
  url: string,
  requests: readonly { path: string; headers: Record<string, string> }[],
): Promise<Map<number, number>> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    let text = '';
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => (text += chunk));
    socket.on('error', reject);
    socket.on('close', () => resolve(statusCounts(text)));
    socket.write(
      requests
        .map(({ path, headers }, i) => {
          const isLast = i === requests.length - 1;
          const lines = Object.entries({
            ...headers,
            connection: isLast ? 'close' : 'keep-alive',
          }).map(([name, value]) => `${name}: ${value}\r\n`);
          return `GET ${path} HTTP/1.1\r\nhost: ${hostname}\r\n${lines.join('')}\r\n`;
        })
        .join(''),
    );
  });
}

function statusCounts(text: string): Map<number, number> {
  const counts = new Map<number, number>();
  for (const [, code] of text.matchAll(/HTTP\/1\.1 (\d{3}) /g)) {
    counts.set(Number(code), (counts.get(Number(code)) ?? 0) + 1);
  }
  return counts;
}
