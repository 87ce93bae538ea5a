/** Where a Go template stands in a text, and its first action. */
export interface TemplateLine {
  readonly line: number;
  readonly action: string;
}

/** `{{ .host }}`, `{{- range … }}`, `{{ include "x" }}`: braces around a variable, a word or a comment. */
const ACTION = /\{\{-?\s*(?:[.$"`(]|\/\*|[a-zA-Z_]\w*)[^{}]*\}\}/;

/** The first line with a template action, if the text has one. */
export function templateLine(text: string): TemplateLine | undefined {
  const match = ACTION.exec(text);
  if (!match) return undefined;
  return {
    line: text.slice(0, match.index).split('\n').length,
    action: match[0].replaceAll(/\s+/g, ' '),
  };
}
