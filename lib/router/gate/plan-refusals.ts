import { withoutStack } from '../../problem/without-stack.js';
import { Verdict } from '../../stores/bucket-store.js';
import { prepareBody } from '../refusal-body.js';
import {
  ClientRateLimitedException,
  EndpointRateLimitedException,
  RouterRefusal,
} from '../refusals.js';
import { RoutePart } from '../route-part.js';

type Refuse = (retryAfterMs: number | undefined) => RouterRefusal;

/** Plans of more parts, whose number would not fit, are refused without memory. */
const MOST_REMEMBERED = 31;

/** The refusals of one plan. Whatever is the same each time that the same buckets refuse is made once. */
export class PlanRefusals {
  /** By the parts that refuse, as the bits of a number. */
  private readonly known = new Map<number, Refuse>();

  constructor(private readonly parts: readonly RoutePart[]) {}

  /** The refusal of a verdict that did not admit. */
  of({ waitsMs, retryAfterMs }: Verdict): RouterRefusal {
    const refuse = this.refuserOf(waitsMs);
    return refuse(retryAfterMs < Infinity ? retryAfterMs : undefined);
  }

  private refuserOf(waitsMs: ArrayLike<number>): Refuse {
    let bits = 0;
    for (let i = 0; i < this.parts.length; i++) {
      if (waitsMs[i] > 0) bits |= 1 << i;
    }
    const known = this.known.get(bits);
    if (known) return known;
    const made = refuser(this.parts.filter((_, i) => waitsMs[i] > 0));
    if (this.parts.length <= MOST_REMEMBERED) this.known.set(bits, made);
    return made;
  }
}

/** When several refuse, the client's refusal is the one reported. */
function refuser(refused: readonly RoutePart[]): Refuse {
  const byClient = refused.filter(({ client }) => client);
  const isClients = byClient.length > 0;
  const policies = policiesOf(isClients ? byClient : refused);
  const Exception = isClients
    ? ClientRateLimitedException
    : EndpointRateLimitedException;
  const refuse = (retryAfterMs: number | undefined) =>
    withoutStack(() => new Exception(policies, retryAfterMs));
  prepareBody(refuse(undefined));
  return refuse;
}

/** The names that callers know, each once. */
export function policiesOf(parts: readonly RoutePart[]): string[] {
  return [...new Set(parts.map(({ policy }) => policy))];
}
