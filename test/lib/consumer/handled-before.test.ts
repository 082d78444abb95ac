import { describe, expect, it } from 'vitest';
import { PermanentError } from '../../../lib/consumer/index.ts';
import { createOutbox, type OutboxStore } from '../../../lib/outbox/index.ts';
import { createInMemoryFailureNotes } from '../../../lib/testing/in-memory-failure-notes.ts';
import { createCountingIds } from '../../fixtures/event-maker.ts';
import { Deposited } from '../../fixtures/events.ts';
import { lambdaContext } from '../../fixtures/lambda-context.ts';
import { createTestOutbox } from '../../fixtures/outbox.ts';
import { createTestQueue } from '../../fixtures/test-queue.ts';
import { batchOf, createRig, type DepositHandler, eventOf, messageOf } from './rig.ts';

/** Tables, and an outbox whose store reports the caller's failed condition in place of a guard's, if both failed. */
function createFoundation() {
  const { store, tables, clock } = createTestOutbox({ accounts: ['accountId'], inbox: ['id'], cursors: ['id'] });
  const weak: OutboxStore = {
    ...store,
    async commit(commit) {
      const outcome = await store.commit(commit);
      if (outcome.kind !== 'condition-failed' || outcome.index !== 0) return outcome;
      const other = tables.firstRefused(commit.writes.slice(1));
      return other === undefined ? outcome : { ...outcome, index: other.index + 1, item: undefined };
    },
  };
  const outbox = createOutbox({
    store: weak,
    clock,
    ids: createCountingIds(),
    sleep: async () => undefined,
    random: () => 0,
    retentionSeconds: 60,
  });
  return { outbox, store, tables, clock, queue: createTestQueue(), notes: createInMemoryFailureNotes(clock) };
}

/** Delivers one event twice, and answers what the second delivery came to. */
async function deliverTwice(handle: (runs: number) => DepositHandler) {
  const before = createFoundation();
  let runs = 0;
  const rig = createRig(
    (event, context) => {
      runs += 1;
      return handle(runs)(event, context);
    },
    { before },
  );
  const body = JSON.stringify(await eventOf(Deposited, { accountId: '7', amount: 5 }, { id: 'e1' }));
  await rig.handler(batchOf(messageOf(body, 'account#7')), lambdaContext());
  const { lines, emitted, queue, notes } = rig;
  lines.splice(0);
  emitted.splice(0);

  const response = await rig.handler(batchOf(messageOf(body, 'account#7')), lambdaContext());

  return {
    runs,
    response,
    lines,
    emitted,
    queue,
    note: await notes.find('e1'),
    accounts: before.store.items('accounts'),
  };
}

const open: DepositHandler = ({ data }, { tx }) =>
  tx.put({
    TableName: 'accounts',
    Item: { accountId: data.accountId, amount: data.amount },
    ConditionExpression: 'attribute_not_exists(accountId)',
  });

const refuse: DepositHandler = () => {
  throw new PermanentError('the account is there already');
};

describe('an event that was handled before', () => {
  it.each([
    ['runs through', () => open],
    ['refuses what it finds', (runs: number) => (runs === 1 ? open : refuse)],
  ])('is a duplicate if its handler %s, and no failure', async (_, handle) => {
    const { response, lines, emitted, queue, note, accounts } = await deliverTwice(handle);

    expect(response).toStrictEqual({ batchItemFailures: [] });
    expect(lines.map(({ level, message }) => `${level} ${message}`)).toStrictEqual([
      'INFO duplicate skipped: the event was handled before',
    ]);
    expect(emitted).toMatchObject([{ DuplicatesSkipped: 1 }]);
    expect(emitted.some((metrics) => 'EventsFailed' in metrics)).toBe(false);
    expect([note, queue.visibilityChanges, queue.resent]).toStrictEqual([undefined, [], []]);
    expect(accounts).toStrictEqual([{ accountId: { S: '7' }, amount: { N: '5' } }]);
  });

  it('runs its handler once more, not until it gives up, if only the handler’s own condition is reported', async () => {
    const { runs } = await deliverTwice(() => open);

    expect(runs).toBe(2);
  });
});
