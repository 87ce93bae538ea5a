import {
  RetryBudget,
  RetryBudgetSettings,
} from '../../core/retry/retry-budget.js';

/** What a backend has spent on retries and hedges, and what it was not allowed to. */
export interface SpareCallsView {
  /** Retries and hedges that the budget paid for. */
  readonly made: number;
  /** Those that it did not. */
  readonly suppressed: number;
}

/** Calls beside the one that was asked for: retries and hedges, paid from one budget for all callers of a backend. */
export class SpareCalls implements SpareCallsView {
  made = 0;
  suppressed = 0;
  private readonly budget: RetryBudget;

  constructor(settings: RetryBudgetSettings, nowMs: number) {
    this.budget = new RetryBudget(settings, nowMs);
  }

  /** Takes note of a call, which earns its share. */
  earn(nowMs: number): void {
    this.budget.deposit(nowMs);
  }

  /** Pays for one spare call, if there is enough. */
  take(nowMs: number): boolean {
    const isPaid = this.budget.withdraw(nowMs);
    if (isPaid) this.made++;
    else this.suppressed++;
    return isPaid;
  }
}
