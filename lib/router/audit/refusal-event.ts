import {
  refusalChannel,
  RefusalEvent,
} from '../../telemetry/refusal-channel.js';
import { RouterRefusal } from '../refusals.js';

/** Tells a refusal to those who listen. */
export function publishRefusal(
  route: string,
  mode: RefusalEvent['mode'],
  refusal: RouterRefusal,
): void {
  if (!refusalChannel.hasSubscribers) return;
  const event: RefusalEvent = {
    route,
    policies: refusal.refusedBy,
    mode,
    status: refusal.getStatus(),
    retryAfterMs: refusal.retryAfterMs,
  };
  refusalChannel.publish(event);
}
