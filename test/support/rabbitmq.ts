import { connect } from 'node:net';

/** The broker that the tests talk to; `RABBITMQ_URL` names another. */
export const rabbitmqUrl =
  process.env['RABBITMQ_URL'] ?? 'amqp://guest:guest@127.0.0.1:5672';

/** Whether it is there. In CI its absence is a failure, not a reason to skip. */
export const hasRabbitmq = await answers(new URL(rabbitmqUrl));

async function answers({ hostname, port }: URL): Promise<boolean> {
  const found = await new Promise<boolean>((resolve) => {
    const socket = connect(Number(port || 5672), hostname);
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
  if (!found && process.env['CI'] === 'true') {
    throw new Error(
      `no RabbitMQ at ${hostname}: acknowledgements cannot be tested`,
    );
  }
  if (!found) console.warn(`SKIPPED: no RabbitMQ at ${hostname}`);
  return found;
}
