import { fileURLToPath } from 'node:url';
import { Child } from '../processes/child.js';
import type { BackendUrls } from '../protection.js';
import type { Transition } from './evidence.js';
import { type GatewayMessage, TELL_TRANSITIONS } from './gateway-messages.js';

/** The gateway's process, seen from the demo. */
export class GatewayProcess {
  private constructor(private readonly child: Child) {}

  static async start(
    { catalog, prices }: BackendUrls,
    onWarning: (text: string) => void,
  ): Promise<GatewayProcess> {
    const file = fileURLToPath(new URL('gateway.js', import.meta.url));
    const child = await Child.start(file, [catalog, prices]);
    child.onMessage((message) => {
      const heard = message as GatewayMessage;
      if (heard.kind === 'warning') onWarning(heard.text);
    });
    return new GatewayProcess(child);
  }

  get url(): string {
    return this.child.url;
  }

  /** What the breakers went through so far. */
  transitions(): Promise<Transition[]> {
    return new Promise((resolve) => {
      this.child.onMessage((message) => {
        const heard = message as GatewayMessage;
        if (heard.kind === 'transitions') resolve(heard.transitions);
      });
      this.child.send(TELL_TRANSITIONS);
    });
  }

  stop(): Promise<boolean> {
    return this.child.stop();
  }
}
