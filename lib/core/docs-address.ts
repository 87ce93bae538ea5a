/** Where the documentation is: in the package itself, so that it is that of the version in use. */
const DOCS = 'nestjs-floodgate/docs';

/**
 * Ends a message with the address of the section that explains it. It stands
 * here because every folder may import this one.
 *
 * @param page a page of `docs/`
 * @param code the heading of its section
 */
export function seeDocs(
  page: 'errors' | 'findings' | 'krakend-findings',
  code: string,
): string {
  return `See ${DOCS}/${page}.md#${code.toLowerCase()}`;
}
