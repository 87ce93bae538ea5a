/**
 * One place where recording and library part.
 *
 * @typedef {object} Disagreement
 * @property {string} title which trace or vector
 * @property {object} config what the bucket or breaker was made from
 * @property {unknown[]} events the events up to and with the one that disagreed
 * @property {string} expected
 * @property {string} got
 */

/** Counts what agreed. A trace is left at its first disagreement: all that follows hangs on it. */
export class Tally {
  /** Of traces, for kinds that have them. */
  traces = { agreed: 0, total: 0 };
  /** Of single events or vectors. */
  steps = { agreed: 0, total: 0 };
  /** @type {Disagreement[]} */
  disagreements = [];
  /** @type {string[]} */
  notes = [];

  /** @param {'events' | 'vectors'} stepName */
  constructor(stepName) {
    this.stepName = stepName;
  }

  get agrees() {
    return this.disagreements.length === 0;
  }

  /**
   * @param {number} agreed events that agreed
   * @param {number} total events of the trace
   * @param {Disagreement} [disagreement]
   */
  addTrace(agreed, total, disagreement) {
    this.traces.total++;
    if (disagreement === undefined) this.traces.agreed++;
    this.steps.agreed += agreed;
    this.steps.total += total;
    if (disagreement !== undefined) this.disagreements.push(disagreement);
  }

  /** @param {Disagreement} [disagreement] */
  addVector(disagreement) {
    this.steps.total++;
    if (disagreement === undefined) this.steps.agreed++;
    else this.disagreements.push(disagreement);
  }
}
