import { describe, expect, it } from 'vitest';
import type { ReceivedMessage } from '../../../lib/consumer/received-message.ts';
import { type Lane, settleLanes } from '../../../lib/consumer/settle-lanes.ts';
import { createTestBell } from '../../fixtures/bell.ts';

const messageOf = (name: string, receiveCount = 1): ReceivedMessage => ({
  messageId: name,
  receiptHandle: `receipt of ${name}`,
  receiveCount,
  messageGroup: name,
  body: '',
  event: undefined,
});

/** Lanes of one message each, and the course of their settling. */
function createCourse() {
  const course: string[] = [];
  const lane = (name: string, suspicion: Lane['suspicion'], goesBack = false): Lane => {
    const message = messageOf(name);
    return {
      messages: [message],
      suspicion,
      settle: async () => {
        course.push(`${name} begins`);
        await Promise.resolve();
        course.push(`${name} ends`);
        return goesBack ? [message] : [];
      },
    };
  };
  const troubles: unknown[] = [];
  const renew = async ({ messageId }: ReceivedMessage) => course.push(`renewed: ${messageId}`) > 0;
  const bench = {
    bell: {
      ...createTestBell(),
      acknowledge: async (receipts: readonly string[]) => void course.push(`deleted: ${receipts.join(', ')}`),
    },
    renewal: { renew, tell: () => undefined },
    limits: { maxReceiveCount: 3 },
    tellTrouble: (error: unknown) => void troubles.push(error),
  };
  return { course, lane, bench, troubles };
}

describe('settleLanes', () => {
  it('settles lanes side by side', async () => {
    const { course, lane, bench } = createCourse();

    await settleLanes([lane('a', 'none'), lane('b', 'none')], bench);

    expect(course).toStrictEqual(['a begins', 'b begins', 'a ends', 'b ends']);
  });

  it('tries what may end the process last and alone, the most suspect at the very end', async () => {
    const { course, lane, bench } = createCourse();

    await settleLanes([lane('worst', 'often'), lane('bad', 'once'), lane('calm', 'none')], bench);

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

  it('settles what comes again untold side by side, before what was tried in vain', async () => {
    const { course, lane, bench } = createCourse();

    await settleLanes([lane('worst', 'often'), lane('a', 'untold'), lane('b', 'untold')], bench);

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

  it('deletes nothing that goes back to the queue', async () => {
    const { course, lane, bench } = createCourse();

    const returned = await settleLanes([lane('calm', 'none', true), lane('bad', 'once', true)], bench);

    expect(returned.flat().map(({ messageId }) => messageId)).toStrictEqual(['calm', 'bad']);
    expect(course).toStrictEqual(['calm begins', 'calm ends', 'bad begins', 'bad ends']);
  });
  it('gives back a lane that fails for reasons of its own, and deletes nothing of it', async () => {
    const { course, lane, bench, troubles } = createCourse();
    const refused = new Error('DynamoDB refuses');
    const failing = { ...lane('failing', 'none'), settle: () => Promise.reject(refused) };

    const returned = await settleLanes([failing, lane('calm', 'none'), lane('bad', 'once')], bench);

    expect(returned.flat().map(({ messageId }) => messageId)).toStrictEqual(['failing']);
    expect(troubles).toStrictEqual([refused]);
    expect(course).toContain('deleted: receipt of calm');
  });

  it('gives the event of a lane that fails on its last receive a new message: the trouble is not its own', async () => {
    const { course, bench } = createCourse();
    const last = messageOf('last', 3);
    const failing: Lane = {
      messages: [last, messageOf('early', 2)],
      suspicion: 'none',
      settle: () => Promise.reject(new Error('DynamoDB refuses')),
    };

    const returned = await settleLanes([failing], bench);

    expect(returned.flat().map(({ messageId }) => messageId)).toStrictEqual(['early']);
    expect(course).toStrictEqual(['renewed: last']);
  });

  it('leaves it in the queue where even that fails', async () => {
    const { bench, troubles } = createCourse();
    const renewal = { ...bench.renewal, renew: () => Promise.reject(new Error('SQS refuses')) };
    const last = messageOf('last', 3);
    const settle = () => Promise.reject(new Error('DynamoDB refuses'));

    const returned = await settleLanes([{ messages: [last], suspicion: 'none', settle }], { ...bench, renewal });

    expect(returned.flat()).toStrictEqual([last]);
    expect(troubles).toMatchObject([{ message: 'DynamoDB refuses' }, { message: 'SQS refuses' }]);
  });
});
