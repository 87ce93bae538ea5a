/** The fields of a limit that depend on each other. */
export interface LimitFigures {
  maxRate?: number;
  capacity?: number;
  clientMaxRate?: number;
  clientCapacity?: number;
  strategy?: unknown;
  key?: string;
  ipv6Prefix?: number;
  onMissingKey?: string;
  tiers?: unknown;
  tierKey?: unknown;
  resolve?: unknown;
}

/** Reports a fault: where it is, what is allowed, and what was found. */
export type TellFault = (path: string, allowed: string, found: unknown) => void;

/** Checks that the fields of a limit with its own rates fit together. */
export function checkLimit(limit: LimitFigures, fault: TellFault): void {
  const hasClient = limit.clientMaxRate !== undefined;
  if (limit.maxRate === undefined && !hasClient) {
    fault('maxRate', 'maxRate, clientMaxRate or both', undefined);
  }
  if (limit.capacity !== undefined && limit.maxRate === undefined) {
    fault('capacity', 'only together with maxRate', limit.capacity);
  }
  for (const field of clientFields) {
    if (limit[field] !== undefined && !hasClient) {
      fault(field, 'only together with clientMaxRate', limit[field]);
    }
  }
  if (hasClient) checkClientKey(limit, fault);
}

/** Checks that the fields of a limit with rates, tiers or a resolver fit together. */
export function checkChoice(limit: LimitFigures, fault: TellFault): void {
  if (limit.tierKey !== undefined && limit.tiers === undefined) {
    fault('tierKey', 'only together with tiers', limit.tierKey);
  }
  const source = limit.tiers ? 'tiers' : 'resolve';
  if (limit[source] === undefined) return checkLimit(limit, fault);
  for (const field of rateFields) {
    if (limit[field] === undefined) continue;
    fault(field, `nothing beside ${source}, which say the rates`, limit[field]);
  }
  if (limit.tiers !== undefined && limit.resolve !== undefined) {
    fault('resolve', 'either tiers or resolve', limit.resolve);
  }
  checkClientKey(limit, fault);
}

function checkClientKey(limit: LimitFigures, fault: TellFault): void {
  const needsKey = limit.strategy === 'header' || limit.strategy === 'param';
  if (needsKey && limit.key === undefined) {
    fault('key', `the name of the ${String(limit.strategy)}`, undefined);
  }
  if (!needsKey && limit.key !== undefined) {
    fault('key', 'only with strategy "header" or "param"', limit.key);
  }
}

const rateFields = [
  'maxRate',
  'capacity',
  'clientMaxRate',
  'clientCapacity',
] as const;

const clientFields = [
  'clientCapacity',
  'strategy',
  'key',
  'ipv6Prefix',
  'onMissingKey',
] as const;
