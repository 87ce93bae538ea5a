import { RoutePart } from '../route-part.js';
import { Gate } from './gate.js';

type Parts = readonly RoutePart[];

/** Where one choice after another leads; at the end, to the gate of all that was chosen. */
export class Junction {
  gate: Gate | undefined;
  private readonly ways = new Map<Parts, Junction>();

  constructor(private readonly choices: readonly Parts[]) {}

  /** Where the next choice leads. */
  follow(choice: Parts): Junction {
    const known = this.ways.get(choice);
    if (known) return known;
    const made = new Junction([...this.choices, choice]);
    this.ways.set(choice, made);
    return made;
  }

  /** All that was chosen on the way here. */
  get parts(): Parts {
    return eachOnce(this.choices);
  }
}

/** Two limits may ask the same shared buckets, which a plan takes once. */
export function eachOnce(choices: readonly Parts[]): Parts {
  const byId = new Map(choices.flat().map((part) => [part.id, part]));
  return [...byId.values()];
}
