import { withoutStack } from '../../problem/without-stack.js';
import { Verdict } from '../../stores/bucket-store.js';
import { Refusal, RefusalForm } from '../refusal.js';
import {
  ClientRateLimitedException,
  EndpointRateLimitedException,
} from '../refusals.js';
import { RoutePart } from '../route-part.js';

/** Plans of more parts, whose number would not fit, are refused without memory. */
const MOST_REMEMBERED = 31;

/** The refusals of one plan. Whatever is the same each time that the same buckets refuse is made once. */
export class PlanRefusals {
  /** By the parts that refuse, as the bits of a number. */
  private readonly known = new Map<number, RefusalForm>();

  constructor(private readonly parts: readonly RoutePart[]) {}

  /** The refusal of a verdict that did not admit. */
  of({ waitsMs, retryAfterMs }: Verdict): Refusal {
    const form = this.formOf(waitsMs);
    return form.refuse(retryAfterMs < Infinity ? retryAfterMs : undefined);
  }

  private formOf(waitsMs: ArrayLike<number>): RefusalForm {
    let bits = 0;
    for (let i = 0; i < this.parts.length; i++) {
      if (waitsMs[i] > 0) bits |= 1 << i;
    }
    const known = this.known.get(bits);
    if (known) return known;
    const made = formOf(this.parts.filter((_, i) => waitsMs[i] > 0));
    if (this.parts.length <= MOST_REMEMBERED) this.known.set(bits, made);
    return made;
  }
}

/** When several refuse, the client's refusal is the one reported. */
function formOf(refused: readonly RoutePart[]): RefusalForm {
  const byClient = refused.filter(({ client }) => client);
  const isClients = byClient.length > 0;
  const policies = policiesOf(isClients ? byClient : refused);
  const Exception = isClients
    ? ClientRateLimitedException
    : EndpointRateLimitedException;
  return new RefusalForm((retryAfterMs) =>
    withoutStack(() => new Exception(policies, retryAfterMs)),
  );
}

/** The names that callers know, each once. */
export function policiesOf(parts: readonly RoutePart[]): string[] {
  return [...new Set(parts.map(({ policy }) => policy))];
}
