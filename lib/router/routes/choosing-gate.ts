import type { ExecutionContext } from '@nestjs/common';
import { isFixed, LimitChoice, Chosen } from '../choice/limit-choice.js';
import { Rejection, reportRejection } from '../reject/rejection.js';
import { BucketView } from './bucket-view.js';
import { Decision, Gate } from './gates.js';
import { RoutePart } from './route-part.js';

type Parts = readonly RoutePart[];

/** Gates are derived from choices and hold no buckets, so dropping them loses nothing. */
const MOST_GATES = 1000;

/**
 * Lets each limit choose, and passes the request through the gate of everything
 * chosen. That gate is created once per combination of choices.
 */
export class ChoosingGate implements Gate {
  private root = new ChoiceNode([]);
  private gates = 0;

  /**
   * @param gateOf creates the gate of what was chosen
   * @param route under which rejections by a `deny` list are reported; none in
   *   mode `audit`
   */
  constructor(
    private readonly choices: readonly LimitChoice[],
    private readonly gateOf: (parts: Parts) => Gate,
    private readonly route?: string,
  ) {}

  pass(context: ExecutionContext): Decision {
    return this.passFrom(0, this.root, context);
  }

  private passFrom(
    first: number,
    start: ChoiceNode,
    context: ExecutionContext,
  ): Decision {
    let node = start;
    for (let i = first; i < this.choices.length; i++) {
      const choice = this.choices[i];
      const chosen = isFixed(choice) ? choice : choice(context);
      if (chosen instanceof Promise) {
        const here = node;
        return chosen.then((late) =>
          late instanceof Rejection
            ? this.report(late, context)
            : this.passFrom(i + 1, here.follow(late), context),
        );
      }
      if (chosen instanceof Rejection) return this.report(chosen, context);
      node = node.follow(chosen);
    }
    return (node.gate ?? this.open(node)).pass(context);
  }

  private report(rejection: Rejection, context: ExecutionContext): Rejection {
    return this.route === undefined
      ? rejection
      : reportRejection(this.route, rejection, context);
  }

  async look(
    context: ExecutionContext,
  ): Promise<readonly BucketView[] | Rejection> {
    let node = this.root;
    for (const choice of this.choices) {
      const chosen: Chosen = isFixed(choice) ? choice : await choice(context);
      if (chosen instanceof Rejection) return chosen;
      node = node.follow(chosen);
    }
    return (node.gate ?? this.open(node)).look(context);
  }

  private open(node: ChoiceNode): Gate {
    if (this.gates >= MOST_GATES) {
      this.root = new ChoiceNode([]);
      this.gates = 0;
    }
    this.gates++;
    node.gate = this.gateOf(node.parts);
    return node.gate;
  }
}

/** A node of the trie of choices; its path is what was chosen so far. */
class ChoiceNode {
  gate: Gate | undefined;
  private readonly next = new Map<Parts, ChoiceNode>();

  constructor(private readonly chosen: readonly Parts[]) {}

  follow(choice: Parts): ChoiceNode {
    const known = this.next.get(choice);
    if (known) return known;
    const made = new ChoiceNode([...this.chosen, choice]);
    this.next.set(choice, made);
    return made;
  }

  get parts(): Parts {
    return eachOnce(this.chosen);
  }
}

/** Two limits may name the same shared buckets, which a plan contains once. */
export function eachOnce(chosen: readonly Parts[]): Parts {
  const byId = new Map(chosen.flat().map((part) => [part.id, part]));
  return [...byId.values()];
}
