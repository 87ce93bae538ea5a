/** Whether the body of a call is there as a whole, so that it can be sent as it is, and again. Streams are not, nor forms and blobs, which axios makes into streams. */
export function isAtHand(body: unknown): boolean {
  return (
    body === undefined ||
    body === null ||
    typeof body === 'string' ||
    Buffer.isBuffer(body) ||
    body instanceof ArrayBuffer
  );
}
