const END_OF_HEAD = '\r\n\r\n';
const CONTENT_LENGTH = /\r\ncontent-length: (\d+)/i;
/** Where the status stands in `HTTP/1.1 200`. */
const STATUS_AT = 9;

/**
 * Finds the end of each response in the bytes of a connection that has one
 * request in flight at a time, and no more: cheaper than a full parser, so that
 * the generator outruns the server that it measures.
 */
export class ResponseReader {
  #missing = 0;
  #head = '';
  status = 0;

  /** Takes the next bytes; tells whether they complete a response. */
  read(bytes) {
    if (this.#missing > 0) return this.#take(bytes.length);
    const head = this.#head + bytes.latin1Slice();
    const end = head.indexOf(END_OF_HEAD);
    if (end < 0) {
      this.#head = head;
      return false;
    }
    this.#head = '';
    this.status = Number(head.slice(STATUS_AT, STATUS_AT + 3));
    const length = CONTENT_LENGTH.exec(head);
    if (!length) throw new Error('a response without a content-length');
    this.#missing = Number(length[1]);
    const body = head.length - end - END_OF_HEAD.length;
    return this.#missing === 0 || this.#take(body);
  }

  #take(count) {
    this.#missing -= count;
    return this.#missing === 0;
  }
}
