import type { Provider } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { ResolvedConfig } from '../resolve-config.js';
import { ThrottleConfig } from '../config/schema/throttle-options.schema.js';
import {
  FollowedOptions,
  FollowedRequests,
} from '../context/followed-requests.js';
import { DeadlineHeader } from '../core/time/deadline-header.js';
import { ServerTimeouts } from '../server/server-timeouts.js';

/** What is done to Nest's HTTP server. */
export const serverProviders: Provider[] = [
  {
    provide: FollowedRequests,
    inject: [ResolvedConfig, HttpAdapterHost],
    useFactory: ({ config }: ResolvedConfig, host: HttpAdapterHost) =>
      new FollowedRequests(followedOptions(config), host),
  },
  {
    provide: ServerTimeouts,
    inject: [ResolvedConfig, HttpAdapterHost],
    useFactory: ({ config }: ResolvedConfig, host: HttpAdapterHost) =>
      new ServerTimeouts(config.server ?? {}, host),
  },
];

/** Requests are followed only where somebody could heed their end. */
function followedOptions(config: ThrottleConfig): FollowedOptions | undefined {
  const { deadlineHeader: name, cancelWithCaller, backends } = config;
  const hasBackends = Object.keys(backends).length > 0;
  if (!name && !(cancelWithCaller && hasBackends)) return undefined;
  const deadlineHeader = name ? new DeadlineHeader(name) : undefined;
  return { cancelWithCaller, deadlineHeader };
}
