/** Host name and port of a URL, such as `catalog:8080`. */
export function addressOf(url: string | URL): string {
  const { protocol, hostname, port } = new URL(url);
  const defaultPort = protocol === 'https:' ? 443 : 80;
  return `${hostname.replace(/^\[|\]$/g, '')}:${port || defaultPort}`;
}
