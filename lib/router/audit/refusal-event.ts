import {
  refusalChannel,
  RefusalEvent,
} from '../../telemetry/refusal-channel.js';
import type { Rejection } from '../reject/rejection.js';

/** Publishes a rejection on the channel `floodgate:refusal`. */
export function publishRefusal(
  route: string,
  mode: RefusalEvent['mode'],
  { kind: { policies, status }, retryAfterMs }: Rejection,
): void {
  if (!refusalChannel.hasSubscribers) return;
  const event: RefusalEvent = { route, policies, mode, status, retryAfterMs };
  refusalChannel.publish(event);
}
