import { AnyErrand } from './errand.js';

/** Where the plans of a batch begin comes before the kinds; the script counts from 1. */
const FIRST_KIND = 2;

/** What the plans of a batch have in common, once for each kind of them. */
export class PlanKinds {
  /** As the script takes them. */
  readonly figures: number[] = [];
  /** One errand of each kind, and where the kind stands among all figures. */
  private readonly known: { errand: AnyErrand; at: number }[] = [];

  /** Where the kind of an errand stands. */
  placeOf(errand: AnyErrand): number {
    for (const kind of this.known) {
      if (isOfOneKind(kind.errand, errand)) return kind.at;
    }
    return this.added(errand);
  }

  private added(errand: AnyErrand): number {
    const { figures } = this;
    const { buckets, requests, amounts } = errand;
    const at = FIRST_KIND + figures.length;
    figures.push(errand.size, requests);
    for (const [i, { capacity, tokensPerMs }] of buckets.limits.entries()) {
      const amount = amounts[i];
      const isPossible = requests === 0 || (amount >= 0 && amount <= capacity);
      figures.push(capacity, tokensPerMs, isPossible ? amount : Infinity);
    }
    this.known.push({ errand, at });
    return at;
  }
}

function isOfOneKind(one: AnyErrand, other: AnyErrand): boolean {
  if (one.buckets !== other.buckets || one.requests !== other.requests) {
    return false;
  }
  for (let i = 0; i < one.size; i++) {
    if (one.amounts[i] !== other.amounts[i]) return false;
  }
  return true;
}
