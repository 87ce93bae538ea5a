const LONGEST = 200;

/** An error's message on one line of bounded length: it may contain what a caller sent. */
export function loggable(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const line = JSON.stringify(text.slice(0, LONGEST)).slice(1, -1);
  return text.length > LONGEST ? `${line}…` : line;
}
