import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { handlersFor } from '../../../lib/consumer/index.ts';
import { defineSubscription } from '../../../lib/definitions/index.ts';
import { createHarness, happened } from '../../../lib/testing/index.ts';
import { Audited, Deposited } from '../../fixtures/events.ts';
import { Credited, createBank } from './bank.ts';

describe('runToEnd', () => {
  it('delivers events to every consumer that handles them, until none are left', async () => {
    const { bank, serveStatements } = createBank();
    serveStatements();
    await bank.publish(Deposited, { accountId: '7', amount: 5 });

    const run = await bank.runToEnd();

    expect(run.steps.map(({ consumer, event, kind }) => `${consumer} ${event.type} ${kind}`)).toStrictEqual([
      'ledger com.example.account.deposited handled',
      'statements com.example.account.credited handled',
    ]);
    expect(run.deadLetters).toStrictEqual([]);
    expect(bank.items('statements')).toStrictEqual([{ accountId: '7', balance: 5, entries: 1 }]);
  });

  it('delivers the events that a step published, and delivers the step’s own event only once', async () => {
    const { bank, ledger, serveStatements } = createBank();
    serveStatements();
    await ledger.when(Deposited, { accountId: '7', amount: 5 });

    const { steps } = await bank.runToEnd();

    expect(steps).toMatchObject([{ consumer: 'statements', kind: 'handled' }]);
  });

  it('keeps order and effects through duplicates, crashes and races', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          seed: fc.nat(),
          duplicates: fc.constantFrom(0, 0.3),
          crashes: fc.constantFrom(0, 0.2),
          concurrency: fc.integer({ min: 1, max: 4 }),
        }),
        fc.array(fc.record({ accountId: fc.constantFrom('7', '8'), amount: fc.integer({ min: 20, max: 30 }) }), {
          maxLength: 12,
        }),
        async (options, deposits) => {
          const { bank, serveStatements } = createBank();
          serveStatements();
          for (const data of deposits) await bank.publish(Deposited, data);

          const { deadLetters } = await bank.runToEnd(options);

          fc.pre(deadLetters.length === 0);
          for (const accountId of ['7', '8']) {
            const own = deposits.filter((data) => data.accountId === accountId);
            if (own.length === 0) continue;
            const balance = own.reduce((sum, { amount }) => sum + amount, 0);
            expect(bank.items('accounts')).toContainEqual({ accountId, balance });
            expect(bank.items('statements')).toContainEqual({ accountId, balance, entries: own.length });
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('repeats the same run for the same seed', async () => {
    const stepsOf = async (seed: number) => {
      const { bank, serveStatements } = createBank();
      serveStatements();
      for (const accountId of ['7', '8', '9']) await bank.publish(Deposited, { accountId, amount: 5 });
      const { steps } = await bank.runToEnd({ seed, duplicates: 0.5, crashes: 0.3 });
      return steps.map(({ consumer, event, kind }) => `${consumer} ${event.id} ${kind}`);
    };

    expect(await stepsOf(4)).toStrictEqual(await stepsOf(4));
    expect(await stepsOf(4)).not.toStrictEqual(await stepsOf(5));
  });

  it('names the dead letters, and the events that wait behind them', async () => {
    const { bank } = createBank();
    await bank.publish(Deposited, { accountId: '7', amount: 13 });
    await bank.publish(Deposited, { accountId: '7', amount: 5 });

    const { deadLetters } = await bank.runToEnd();

    expect(deadLetters).toMatchObject([
      { consumer: 'ledger', event: { data: { amount: 13 } }, code: 'PERMANENT', message: 'thirteen is refused' },
    ]);
    expect(bank.items('accounts')).toStrictEqual([]);
  });

  it('stops at events that cause each other endlessly, and names them', async () => {
    const harness = createHarness();
    harness.serve(
      handlersFor(defineSubscription({ name: 'echo', events: [Audited], ordering: 'fifo' }), {
        'com.example.audit.noted': ({ data }, { tx }) => tx.publish(Audited, data),
      }),
    );
    await harness.publish(Audited, { note: 'again' });

    await expect(harness.runToEnd({ maxDeliveries: 10 })).rejects.toMatchObject({
      code: 'TESTING_NO_END',
      message: expect.stringContaining('com.example.audit.noted'),
    });
  });
});

describe('a run with invalid options', () => {
  it('is refused with every problem, and does not loop endlessly', async () => {
    const { bank } = createBank();
    await bank.publish(Deposited, { accountId: '7', amount: 5 });

    await expect(
      bank.runToEnd({ duplicates: 1.5, crashes: Number.NaN, concurrency: 0, stopAfter: -1, maxDeliveries: 0.5 }),
    ).rejects.toMatchObject({
      code: 'TESTING_MISUSED',
      message:
        'duplicates must be a share from 0 to 1, got 1.5; crashes must be a share from 0 to 1, got NaN; concurrency must be a whole number from 1, got 0; stopAfter must be a whole number from 0, got -1; maxDeliveries must be a whole number from 1, got 0.5',
    });
  });

  it('is refused if its start time is invalid', () => {
    expect(() => createHarness({ startsAt: 'yesterday' })).toThrow(
      "startsAt must be an RFC 3339 timestamp with an offset such as '2026-07-01T00:00:00Z', got 'yesterday'",
    );
  });
});

describe('an event of given()', () => {
  it('is handled before the test starts', async () => {
    const { bank, ledger } = createBank();
    await bank.given({ events: [happened(Deposited, { accountId: '7', amount: 5 })] });

    const outcome = await ledger.when(Deposited, { accountId: '7', amount: 2 });

    expect(outcome.eventsOf(Credited)).toMatchObject([{ data: { balance: 7 } }]);
  });

  it('is refused if its consumer cannot handle it', async () => {
    const { bank } = createBank();

    await expect(bank.given({ events: [happened(Deposited, { accountId: '7', amount: 13 })] })).rejects.toMatchObject({
      code: 'TESTING_GIVEN_FAILED',
      message: expect.stringContaining('thirteen is refused'),
    });
  });
});
