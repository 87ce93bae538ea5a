import type { ExecutionContext } from '@nestjs/common';
import { isFixed, LimitChoice } from '../../router/choice/limit-choice.js';
import { Rejection } from '../../router/reject/rejection.js';
import { TrafficRequest } from '../traffic/request.js';
import { standInAddress } from './stand-ins.js';

/** Tells whom a limit takes the client of a request for. */
export interface ClientNamer {
  readonly choice: LimitChoice;
  /** What tells its clients apart. */
  readonly by: string;
}

/** A client, and what tells it apart from others. */
export interface RefusedClient {
  readonly client: string;
  readonly by: string;
  refused: number;
}

/** So many clients are kept apart: who comes later was not refused most. */
const MOST_CLIENTS = 20_000;

/** Counts refusals by client, as limits tell clients apart. */
export class RefusedClients {
  private readonly known = new Map<string, RefusedClient>();

  /** @param namers of the limits of the request's route */
  count(
    request: TrafficRequest,
    namers: readonly ClientNamer[],
    context: ExecutionContext,
  ): void {
    const { client, by } = clientIn(namers, context) ?? clientAt(request);
    const name = `${by} ${client}`;
    const known = this.known.get(name);
    if (known) known.refused++;
    else if (this.known.size < MOST_CLIENTS) {
      this.known.set(name, { client, by, refused: 1 });
    }
  }

  /** Those that were refused, the most often first. */
  first(most: number): RefusedClient[] {
    return [...this.known.values()]
      .toSorted((a, b) => b.refused - a.refused)
      .slice(0, most);
  }
}

/** A client as the first limit that tells one takes it. */
function clientIn(
  clients: readonly ClientNamer[],
  context: ExecutionContext,
): Omit<RefusedClient, 'refused'> | undefined {
  for (const { choice, by } of clients) {
    const parts = isFixed(choice) ? choice : choice(context);
    if (parts instanceof Promise || parts instanceof Rejection) continue;
    const key = parts.find(({ client }) => client)?.client?.(context);
    if (typeof key === 'string' && key !== '') return { client: key, by };
  }
  return undefined;
}

function clientAt(request: TrafficRequest): Omit<RefusedClient, 'refused'> {
  return { client: standInAddress(request) || '(unknown)', by: 'ip' };
}
