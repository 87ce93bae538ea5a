import { OnModuleInit } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { Findings } from '../../config/findings.js';
import { DeclaredRoute } from '../declare/declared-route.js';

/** The metadata key of `@ResolveField`. */
const FIELD = 'graphql:resolve_property';

/** The token of GraphQLModule's options. */
const GRAPHQL_OPTIONS = 'GqlModuleOptions';

interface GraphqlOptions {
  readonly fieldResolverEnhancers?: readonly string[];
}

/** Reports limits on fields that are never enforced: Nest runs interceptors on fields only if configured to. */
export class FieldLimits implements OnModuleInit {
  constructor(
    private readonly routes: readonly DeclaredRoute[],
    private readonly discovery: DiscoveryService,
    private readonly findings: Findings,
  ) {}

  onModuleInit(): void {
    const fields = this.routes.filter(({ marks }) => marks.includes(FIELD));
    if (fields.length === 0 || this.areAsked()) return;
    for (const { label } of fields) {
      this.findings.add({
        code: 'field-without-interceptors',
        path: `@RouterRateLimit on ${label}`,
        sentence:
          'Nest does not run interceptors on GraphQL fields in this application, so the limit is not enforced.',
        fix: "Set fieldResolverEnhancers: ['interceptors'] on GraphQLModule, or limit the queries that lead to the field.",
      });
    }
  }

  private areAsked(): boolean {
    return this.discovery
      .getProviders()
      .filter(({ token }) => token === GRAPHQL_OPTIONS)
      .map(({ instance }) => instance as GraphqlOptions | undefined)
      .some((options) =>
        options?.fieldResolverEnhancers?.includes('interceptors'),
      );
  }
}
