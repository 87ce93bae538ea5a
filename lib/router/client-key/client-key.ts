import { ExecutionContext } from '@nestjs/common';

/** Tells who is calling, as a bounded text; empty when that is unknown. */
export type ClientKeyReader = (
  context: ExecutionContext,
) => string | Promise<string>;
