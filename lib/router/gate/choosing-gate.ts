import { ExecutionContext } from '@nestjs/common';
import { RoutePart } from '../route-part.js';
import { isFixed, RouteRule } from '../rules/route-rule.js';
import { BucketView } from './bucket-view.js';
import { Gate, Passage } from './gate.js';
import { Junction } from './junction.js';

/** Gates are made from choices and hold no buckets, so forgetting them loses nothing. */
const MOST_GATES = 1000;

/**
 * Asks each limit for its choice and lets the request through the gate of all
 * that was chosen. That gate is made once for each set of choices.
 */
export class ChoosingGate implements Gate {
  private root = new Junction([]);
  private gates = 0;

  constructor(
    private readonly rules: readonly RouteRule[],
    private readonly gateOf: (parts: readonly RoutePart[]) => Gate,
  ) {}

  pass(context: ExecutionContext): Passage {
    return this.passFrom(0, this.root, context);
  }

  private passFrom(
    first: number,
    start: Junction,
    context: ExecutionContext,
  ): Passage {
    let junction = start;
    for (let i = first; i < this.rules.length; i++) {
      const rule = this.rules[i];
      const choice = isFixed(rule) ? rule : rule(context);
      if (choice instanceof Promise) {
        const here = junction;
        return choice.then((late) =>
          this.passFrom(i + 1, here.follow(late), context),
        );
      }
      junction = junction.follow(choice);
    }
    return (junction.gate ?? this.open(junction)).pass(context);
  }

  async look(context: ExecutionContext): Promise<readonly BucketView[]> {
    let junction = this.root;
    for (const rule of this.rules) {
      const choice = isFixed(rule) ? rule : await rule(context);
      junction = junction.follow(choice);
    }
    return (junction.gate ?? this.open(junction)).look(context);
  }

  private open(junction: Junction): Gate {
    if (this.gates >= MOST_GATES) {
      this.root = new Junction([]);
      this.gates = 0;
    }
    this.gates++;
    junction.gate = this.gateOf(junction.parts);
    return junction.gate;
  }
}
