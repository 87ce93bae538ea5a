/** Lines to stand before a key, by the path of the key, its steps apart by line breaks. */
export type Comments = Map<string, string[]>;

/** A value as TypeScript; functions as they are named, and their makers collected in `functions`. */
export function literal(
  value: unknown,
  comments: Comments,
  functions: Set<string>,
  path = '',
): string {
  if (typeof value === 'function') {
    functions.add(/^\w+/.exec(value.name)![0]);
    return value.name;
  }
  if (Array.isArray(value)) {
    const items = value.map((item) => literal(item, comments, functions));
    return `[${items.join(', ')}]`;
  }
  if (typeof value === 'object' && value !== null) {
    return objectLiteral(value, comments, functions, path);
  }
  return typeof value === 'string' ? quoted(value) : String(value);
}

function objectLiteral(
  value: object,
  comments: Comments,
  functions: Set<string>,
  path: string,
): string {
  const lines = Object.entries(value).flatMap(([key, item]) => {
    const inner = path === '' ? key : `${path}\n${key}`;
    const name = /^[a-z]\w*$/i.test(key) ? key : quoted(key);
    return [
      ...(comments.get(inner) ?? []),
      `${name}: ${literal(item, comments, functions, inner)},`,
    ];
  });
  if (lines.length === 0) return '{}';
  return `{\n${lines.join('\n').replaceAll(/^/gm, '  ')}\n}`;
}

function quoted(text: string): string {
  return /['\\\p{Cc}\u2028\u2029]/u.test(text)
    ? JSON.stringify(text).replaceAll(/[\u2028\u2029]/g, escaped)
    : `'${text}'`;
}

/** These end a line to some readers of the source. */
function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16)}`;
}
