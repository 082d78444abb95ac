import type { SQSRecord } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { Deposited } from '../../fixtures/events.ts';
import { lambdaContext } from '../../fixtures/lambda-context.ts';
import { ODDLY_THROWN } from '../../fixtures/thrown.ts';
import { batchOf, createRig, messageOf, type RigOptions } from './rig.ts';

/** A consumer that may receive a message three times, and whose handler throws what it is given. */
async function createThrower(thrown: () => unknown, options: RigOptions) {
  const rig = createRig(() => {
    throw thrown();
  }, options);
  await rig.outbox.transact((tx) => tx.publish(Deposited, { accountId: '7', amount: 1 }));
  const body = rig.store.events[0]?.body ?? '';
  const receive = async (receiveCount: number) => {
    const record: SQSRecord = messageOf(body, 'account#7');
    record.attributes.ApproximateReceiveCount = String(receiveCount);
    const { batchItemFailures } = await rig.handler(batchOf(record), lambdaContext());
    return batchItemFailures.length;
  };
  return { ...rig, receive, id: JSON.parse(body).id as string };
}

describe.each(['strict', 'fifo'] as const)('a %s consumer whose handler throws', (ordering) => {
  it.each(Object.entries(ODDLY_THROWN))('%s: notes it, and makes it a dead letter once', async (_, thrown) => {
    const { receive, queue, notes, lines, id } = await createThrower(thrown, { ordering });

    const returned = [await receive(1), await receive(2), await receive(3)];

    expect(returned).toStrictEqual([1, 1, 1]);
    // no new message: its receives count against it, as those of any failure
    expect(queue.resent).toStrictEqual([]);
    expect(await notes.find(id)).toMatchObject({
      code: expect.stringMatching(/^.{1,100}$/),
      message: expect.any(String),
      stackHead: expect.any(String),
      attempts: 3,
      state: 'dead',
    });
    expect(lines.map(({ message }) => message)).toContain('event failed');
    expect(lines.map(({ message }) => message)).toContain('the event goes to the dead-letter queue');
  });

  it('an error of 9,000 lines: notes it in a few kilobytes, with the frames of its stack', async () => {
    const { receive, notes, lines, store, id } = await createThrower(
      () => new Error('a schema issue that takes a line of its own, and not a short one\n'.repeat(9_000)),
      { ordering },
    );

    for (const receiveCount of [1, 2, 3]) await receive(receiveCount);

    const note = await notes.find(id);
    expect(note?.stackHead).toMatch(/^Error: a schema issue .*\n {4}at .*odd-errors\.test\.ts/);
    expect(JSON.stringify(note).length).toBeLessThan(4_000);
    expect(JSON.stringify(store.items('cursors')).length).toBeLessThan(2_000);
    expect(Math.max(...lines.map((line) => JSON.stringify(line).length))).toBeLessThan(5_000);
  });
});
