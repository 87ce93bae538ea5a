import {
  refusalChannel,
  RefusalEvent,
} from '../../telemetry/refusal-channel.js';
import type { Refusal } from '../refusal.js';

/** Tells a refusal to those who listen. */
export function publishRefusal(
  route: string,
  mode: RefusalEvent['mode'],
  { form, retryAfterMs }: Refusal,
): void {
  if (!refusalChannel.hasSubscribers) return;
  const event: RefusalEvent = {
    route,
    policies: form.refusedBy,
    mode,
    status: form.status,
    retryAfterMs,
  };
  refusalChannel.publish(event);
}
