import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  deadlineAfter,
  earlier,
  hasPassed,
  NO_DEADLINE,
  remainingMs,
  DeadlineHeader,
} from './deadline.js';

const instants = fc.double({ min: 0, max: 1e12, noNaN: true });

describe('Deadline', () => {
  it('leaves its budget minus the elapsed time, and never less than 0', () => {
    const deadline = deadlineAfter(800, 1_000);
    expect(remainingMs(deadline, 1_000)).toBe(800);
    expect(remainingMs(deadline, 1_300)).toBe(500);
    expect(remainingMs(deadline, 1_800)).toBe(0);
    expect(remainingMs(deadline, 5_000)).toBe(0);
  });

  it('has passed at its exact instant and not before', () => {
    const deadline = deadlineAfter(800, 1_000);
    expect(hasPassed(deadline, 1_799.999)).toBe(false);
    expect(hasPassed(deadline, 1_800)).toBe(true);
    expect(hasPassed(deadline, 1_801)).toBe(true);
  });

  it('has passed exactly when no time remains', () => {
    fc.assert(
      fc.property(instants, instants, (deadline, nowMs) => {
        expect(hasPassed(deadline, nowMs)).toBe(
          remainingMs(deadline, nowMs) === 0,
        );
      }),
    );
  });

  it('limits any deadline that inherits it', () => {
    fc.assert(
      fc.property(instants, instants, instants, (parent, budgetMs, nowMs) => {
        const inherited = earlier(parent, deadlineAfter(budgetMs, nowMs));
        expect(inherited).toBeLessThanOrEqual(parent);
        expect(remainingMs(inherited, nowMs)).toBeLessThanOrEqual(
          remainingMs(parent, nowMs),
        );
      }),
    );
  });

  it('never passes when there is no time limit', () => {
    expect(hasPassed(NO_DEADLINE, Number.MAX_VALUE)).toBe(false);
    expect(remainingMs(NO_DEADLINE, 1e12)).toBe(Infinity);
    expect(earlier(NO_DEADLINE, 5)).toBe(5);
    expect(earlier(5, NO_DEADLINE)).toBe(5);
    expect(deadlineAfter(Infinity, 1_000)).toBe(NO_DEADLINE);
  });
});

const grpc = new DeadlineHeader('grpc-timeout');
const envoy = new DeadlineHeader('x-envoy-expected-rq-timeout-ms');

describe('a deadline header', () => {
  it.each([
    ['1H', 3_600_000],
    ['2M', 120_000],
    ['3S', 3000],
    ['250m', 250],
    ['250000u', 250],
    ['5000000n', 5],
    ['0m', 0],
  ])('is read from grpc-timeout: %s', (value, ms) => {
    expect(grpc.read(value)).toBeCloseTo(ms, 9);
  });

  it('is read from any other header as milliseconds', () => {
    expect(envoy.read('250')).toBe(250);
  });

  const garbage = ['', ' 1m', '1', '-1m', '1.5S', '123456789m', '1s', '٣m'];
  it.each(garbage)(
    'is ignored when grpc-timeout is malformed: "%s"',
    (value) => {
      expect(grpc.read(value)).toBe(Infinity);
    },
  );

  it.each(['', '0', '-5', '1e3', '0x10', '9'.repeat(16), 'soon'])(
    'is ignored when not in milliseconds: "%s"',
    (value) => expect(envoy.read(value)).toBe(Infinity),
  );

  it('is ignored when missing or repeated', () => {
    expect(grpc.read(undefined)).toBe(Infinity);
    expect(grpc.read(['1m', '2m'])).toBe(Infinity);
  });

  it('is never negative, whatever the header says', () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom(grpc, envoy), (text, header) => {
        expect(header.read(text)).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it('is passed on as at most the time left, and read back as written', () => {
    const left = fc.double({ min: 1, max: 2e9, noNaN: true });
    fc.assert(
      fc.property(left, fc.constantFrom(grpc, envoy), (leftMs, header) => {
        const told = header.read(header.write(leftMs));
        expect(told).toBeLessThanOrEqual(leftMs);
        expect(told).toBeGreaterThan(leftMs < 1e8 ? leftMs - 1 : leftMs - 1000);
      }),
    );
    expect(grpc.write(0.25)).toBe('250u');
    expect(envoy.write(0.25)).toBe('1');
    expect(grpc.write(Infinity)).toBe('99999999S');
    expect(grpc.read('99999999S')).toBe(Infinity);
  });
});
