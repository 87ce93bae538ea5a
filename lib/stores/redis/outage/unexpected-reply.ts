/** What is at the other end replied what Redis would not: it is something else, or the connection is out of step. */
export class UnexpectedReply extends Error {
  override readonly name = 'UnexpectedReply';

  /** @param expected what Redis would have replied */
  constructor(reply: unknown, expected: string) {
    super(`it replied ${kindOf(reply)} where Redis replies ${expected}`);
  }
}

/** Never the reply itself, which may be anything. */
function kindOf(reply: unknown): string {
  if (reply === null || reply === undefined) return 'nothing';
  if (Buffer.isBuffer(reply)) return `${reply.length} bytes`;
  if (Array.isArray(reply)) return `a list of ${reply.length}`;
  return typeof reply === 'object' ? 'an object' : `a ${typeof reply}`;
}
