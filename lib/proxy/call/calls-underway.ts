import { BackendCall } from './backend-call.js';

/** The calls of a backend that are on their way, in no order. Each knows its place: a set whose members come and go with every call is rebuilt again and again. */
export class CallsUnderway {
  private readonly calls: BackendCall[] = [];

  add(call: BackendCall): void {
    call.place = this.calls.length;
    this.calls.push(call);
  }

  /** Takes a call out, once; the last one moves to its place. */
  remove(call: BackendCall): void {
    const last = this.calls.pop()!;
    if (last === call) return;
    this.calls[call.place] = last;
    last.place = call.place;
  }

  /** Cancels all of them; those that end at once may leave meanwhile. */
  cancel(): void {
    for (const call of this.calls.slice()) call.cancel();
  }
}
