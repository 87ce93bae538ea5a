/** A table in plain text; columns that hold only numbers stand to the right. */
export function table(header: string[], rows: string[][]): string {
  const lines = [header, ...rows];
  const widths = header.map((_, column) =>
    Math.max(...lines.map((line) => line[column].length)),
  );
  const toTheRight = header.map((_, column) =>
    rows.every((row) => /^\d*$/.test(row[column])),
  );
  const draw = (line: string[]) =>
    line
      .map((cell, column) =>
        toTheRight[column]
          ? cell.padStart(widths[column])
          : cell.padEnd(widths[column]),
      )
      .join('  ')
      .trimEnd();
  const rule = widths.map((width) => '─'.repeat(width)).join('──');
  return [draw(header), rule, ...rows.map(draw)].join('\n');
}
