import { RequestLife } from '../../context/request-life.js';
import { CallOrder } from './call-order.js';
import { CallSignal } from './call-signal.js';

/** Waits, or less where the caller of the order goes away or the backend is closed. */
export function pause(
  forMs: number,
  { life, request }: CallOrder,
  closing: CallSignal,
): Promise<void> {
  const { signal } = request;
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      letGo(end, life, signal, closing);
      resolve();
    };
    const timer = setTimeout(end, forMs);
    life?.onEnd(end);
    signal?.addEventListener?.('abort', end);
    closing.addEventListener('abort', end);
  });
}

function letGo(
  end: () => void,
  life: RequestLife | undefined,
  signal: CallOrder['request']['signal'],
  closing: CallSignal,
): void {
  life?.offEnd(end);
  signal?.removeEventListener?.('abort', end);
  closing.removeEventListener('abort', end);
}
