/** A line of a page, and whether it is prose or stands in a code block. */
export interface MarkdownLine {
  /** Counted from 1. */
  readonly number: number;
  readonly text: string;
  /** The word after the opening fence; `undefined` in prose. */
  readonly language?: string;
  /** The line that opens the block; `undefined` in prose. */
  readonly fence?: number;
}

const FENCE = /^(\s*)(`{3,}|~{3,})\s*(\S*)/;

/** The lines of a page without its fences, code freed of the fence's indent. */
export function markdownLines(page: string): MarkdownLine[] {
  const lines: MarkdownLine[] = [];
  let open: (Opening & { number: number }) | undefined;
  for (const [index, text] of page.split(/\r?\n/).entries()) {
    const number = index + 1;
    const fence = FENCE.exec(text);
    if (!open && fence) open = { ...opening(fence), number };
    else if (open && fence?.[2].startsWith(open.marks) && !fence[3])
      open = undefined;
    else if (!open) lines.push({ number, text });
    else
      lines.push({
        number,
        text: text.replace(open.indent, ''),
        language: open.language,
        fence: open.number,
      });
  }
  return lines;
}

interface Opening {
  readonly indent: string;
  readonly marks: string;
  readonly language: string;
}

function opening([, indent, marks, language]: RegExpExecArray): Opening {
  return { indent, marks, language };
}
