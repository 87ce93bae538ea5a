import { Logger } from '@nestjs/common';
import {
  storeChannel,
  StoreTransition,
} from '../../../telemetry/store-channel.js';
import { OutageListener } from './trips.js';

const logger = new Logger('Floodgate');

type StandInName = Exclude<StoreTransition['decidedBy'], 'redis'>;

const WHAT_HOLDS: Record<StandInName, string> = {
  local: 'this instance enforces its share of each limit',
  open: 'requests pass unlimited',
  closed: 'limited requests get 503',
};

/** One event and one line in the log for each change of state. */
export function tellOutage(standIn: StandInName): OutageListener {
  return (node, reason) => {
    const isDown = reason !== undefined;
    const who = node === '' ? 'Redis' : `Redis at ${node}`;
    if (isDown) {
      logger.warn(`${who} is down: ${reason}; ${WHAT_HOLDS[standIn]}`);
    } else {
      logger.log(`${who} is back: limits are shared again`);
    }
    if (!storeChannel.hasSubscribers) return;
    const transition: StoreTransition = {
      node,
      state: isDown ? 'down' : 'up',
      decidedBy: isDown ? standIn : 'redis',
      reason,
    };
    storeChannel.publish(transition);
  };
}
