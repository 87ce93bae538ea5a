import type { Provider } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { ResolvedConfig } from '../resolve-config.js';
import {
  followedOptions,
  FollowedRequests,
} from '../context/followed-requests.js';
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
