import type { SQSRecord } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { InboxBusyError, InboxClaimLostError } from '../../../lib/consumer/index.ts';
import type { EpochMs } from '../../../lib/shared/time.ts';
import { Deposited } from '../../fixtures/events.ts';
import { lambdaContext } from '../../fixtures/lambda-context.ts';
import { batchOf, createRig, messageOf } from './rig.ts';

const identity = { source: '/accounts', id: 'event-1' };
const onLastReceive = (body: string): SQSRecord => {
  const record = messageOf(body, 'account#7');
  return { ...record, attributes: { ...record.attributes, ApproximateReceiveCount: '3' } };
};

describe.each(['strict', 'fifo'] as const)('a %s consumer on the last receive', (ordering) => {
  it.each([
    ['another execution has', new InboxBusyError(identity, 0 as EpochMs)],
    ['another execution had first', new InboxClaimLostError(identity)],
  ])('keeps the message of an event that %s hidden until the event is resent', async (_, error) => {
    const rig = createRig(
      () => {
        throw error;
      },
      { ordering },
    );
    await rig.outbox.transact((tx) => tx.publish(Deposited, { accountId: '7', amount: 1 }));
    const last = onLastReceive(rig.store.events[0]?.body ?? '');

    await rig.handler(batchOf(last), lambdaContext());

    const waits = rig.queue.visibilityChanges.map(({ delaySeconds }) => delaySeconds);
    expect(Math.min(...waits)).toBe(60);
    expect(rig.queue.resent).toStrictEqual([{ group: 'account#7', body: last.body }]);
    expect(rig.queue.deleted).toStrictEqual([last.receiptHandle]);
  });
});
