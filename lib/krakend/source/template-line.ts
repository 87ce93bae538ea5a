/** Where a Go template stands in a text, and its first action. */
export interface TemplateLine {
  readonly line: number;
  readonly action: string;
}

/** How an action begins: `{{ .host }}`, `{{- range … }}`, `{{ include "x" }}`: with a variable, a word or a comment. */
const HEAD = /-?\s*(?:[.$"`(]|\/\*|[a-zA-Z_])/y;
/** More of an action is not shown. */
const LONGEST_ACTION = 60;

/** The first line with a template action, if the text has one. Reads the text once, however many braces it has. */
export function templateLine(text: string): TemplateLine | undefined {
  const braces = /[{}]/g;
  let start = text.indexOf('{{');
  while (start >= 0) {
    const body = start + 2;
    braces.lastIndex = body;
    const end = braces.exec(text)?.index;
    if (end === undefined) return undefined;
    HEAD.lastIndex = body;
    if (text.startsWith('}}', end) && HEAD.test(text)) {
      return found(text, start, end + 2);
    }
    // No two braces stand together before the one that was found, but for those at the start.
    start = text.indexOf('{{', end === body ? start + 1 : end);
  }
  return undefined;
}

function found(text: string, start: number, end: number): TemplateLine {
  const action = text.slice(start, end).replaceAll(/\s+/g, ' ');
  return {
    line: text.slice(0, start).split('\n').length,
    action:
      action.length > LONGEST_ACTION
        ? `${action.slice(0, LONGEST_ACTION)}…`
        : action,
  };
}
