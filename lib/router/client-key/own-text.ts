/** The shortest text that V8 may keep as a window into another. */
const SHORTEST_SLICE = 13;

/** A copy in memory of its own: a text that was cut from a long header would keep all of it alive. */
export function ownText(text: string): string {
  if (text.length < SHORTEST_SLICE) return text;
  return JSON.parse(JSON.stringify(text)) as string;
}
