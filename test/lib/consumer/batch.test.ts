import { describe, expect, it } from 'vitest';
import { type MessageGroup, processGroups } from '../../../lib/consumer/batch.ts';
import type { ReceivedMessage } from '../../../lib/consumer/message.ts';
import { createTestQueue } from '../../fixtures/test-queue.ts';

const messageOf = (name: string, receiveCount = 1): ReceivedMessage => ({
  messageId: name,
  receiptHandle: `receipt of ${name}`,
  receiveCount,
  messageGroup: name,
  content: { body: '', problem: new Error('no event') as never },
  event: undefined,
});

/** Groups of one message each, and the course of their processing. */
function createCourse() {
  const course: string[] = [];
  const group = (name: string, crashSuspect: MessageGroup['crashSuspect'], goesBack = false): MessageGroup => {
    const message = messageOf(name);
    return {
      messages: [message],
      crashSuspect,
      process: async () => {
        course.push(`${name} begins`);
        await Promise.resolve();
        course.push(`${name} ends`);
        return goesBack ? [message] : [];
      },
    };
  };
  const troubles: unknown[] = [];
  const batch = {
    queue: {
      ...createTestQueue(),
      delete: async (receipts: readonly string[]) => void course.push(`deleted: ${receipts.join(', ')}`),
    },
    redelivery: {
      release: async (messages: readonly ReceivedMessage[]) => {
        course.push(`released: ${messages.map(({ messageId }) => messageId).join(', ')}`);
        return messages.filter(({ receiveCount }) => receiveCount < 3);
      },
    } as never,
    telemetry: { groupFailed: (error: unknown) => void troubles.push(error) } as never,
  };
  return { course, group, batch, troubles };
}

describe('the groups of a batch', () => {
  it('are processed concurrently', async () => {
    const { course, group, batch } = createCourse();

    await processGroups([group('a', 'none'), group('b', 'none')], batch);

    expect(course).toStrictEqual(['a begins', 'b begins', 'a ends', 'b ends']);
  });

  it('run last and alone where they may crash the process, the most suspect at the very end', async () => {
    const { course, group, batch } = createCourse();

    await processGroups([group('worst', 'repeated'), group('bad', 'once'), group('calm', 'none')], batch);

    expect(course).toStrictEqual([
      'calm begins',
      'calm ends',
      'deleted: receipt of calm',
      'bad begins',
      'bad ends',
      'deleted: receipt of bad',
      'worst begins',
      'worst ends',
    ]);
  });

  it('run concurrently where they come again unexplained, before those that were tried in vain', async () => {
    const { course, group, batch } = createCourse();

    await processGroups([group('worst', 'repeated'), group('a', 'unexplained'), group('b', 'unexplained')], batch);

    expect(course).toStrictEqual([
      'a begins',
      'b begins',
      'a ends',
      'b ends',
      'deleted: receipt of a, receipt of b',
      'worst begins',
      'worst ends',
    ]);
  });

  it('are not deleted where they go back to the queue', async () => {
    const { course, group, batch } = createCourse();

    const returned = await processGroups([group('calm', 'none', true), group('bad', 'once', true)], batch);

    expect(returned.map(({ messageId }) => messageId)).toStrictEqual(['calm', 'bad']);
    expect(course).toStrictEqual(['calm begins', 'calm ends', 'bad begins', 'bad ends']);
  });
  it('are released where they fail for reasons of their own', async () => {
    const { course, group, batch, troubles } = createCourse();
    const refused = new Error('DynamoDB refuses');
    const failing = { ...group('failing', 'none'), process: () => Promise.reject(refused) };

    const returned = await processGroups([failing, group('calm', 'none'), group('bad', 'once')], batch);

    expect(returned.map(({ messageId }) => messageId)).toStrictEqual(['failing']);
    expect(troubles).toStrictEqual([refused]);
    expect(course).toContain('deleted: receipt of calm');
  });

  it('are released by the rules of redelivery: a message on its last receive gets a new one', async () => {
    const { course, batch } = createCourse();
    const last = messageOf('last', 3);
    const failing: MessageGroup = {
      messages: [last, messageOf('early', 2)],
      crashSuspect: 'none',
      process: () => Promise.reject(new Error('DynamoDB refuses')),
    };

    const returned = await processGroups([failing], batch);

    expect(returned.map(({ messageId }) => messageId)).toStrictEqual(['early']);
    expect(course).toStrictEqual(['released: last, early']);
  });

  it('stay in the queue where even that fails', async () => {
    const { batch, troubles } = createCourse();
    const redelivery = { release: () => Promise.reject(new Error('SQS refuses')) } as never;
    const last = messageOf('last', 3);
    const process = () => Promise.reject(new Error('DynamoDB refuses'));

    const returned = await processGroups([{ messages: [last], crashSuspect: 'none', process }], {
      ...batch,
      redelivery,
    });

    expect(returned).toStrictEqual([last]);
    expect(troubles).toMatchObject([{ message: 'DynamoDB refuses' }, { message: 'SQS refuses' }]);
  });
});
