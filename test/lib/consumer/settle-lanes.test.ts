import { describe, expect, it } from 'vitest';
import type { ReceivedMessage } from '../../../lib/consumer/received-message.ts';
import { type Lane, settleLanes } from '../../../lib/consumer/settle-lanes.ts';

const messageOf = (name: string): ReceivedMessage => ({
  messageId: name,
  receiptHandle: `receipt of ${name}`,
  receiveCount: 1,
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
  const bell = {
    acknowledge: async (receipts: readonly string[]) => void course.push(`deleted: ${receipts.join(', ')}`),
  };
  return { course, lane, bell };
}

const noTrouble = (error: unknown) => {
  throw error;
};

describe('settleLanes', () => {
  it('settles lanes side by side', async () => {
    const { course, lane, bell } = createCourse();

    await settleLanes([lane('a', 'none'), lane('b', 'none')], bell, noTrouble);

    expect(course).toStrictEqual(['a begins', 'b begins', 'a ends', 'b ends']);
  });

  it('tries what may end the process last and alone, the most suspect at the very end', async () => {
    const { course, lane, bell } = createCourse();

    await settleLanes([lane('worst', 'often'), lane('bad', 'once'), lane('calm', 'none')], bell, noTrouble);

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
    const { course, lane, bell } = createCourse();

    await settleLanes([lane('worst', 'often'), lane('a', 'untold'), lane('b', 'untold')], bell, noTrouble);

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
    const { course, lane, bell } = createCourse();

    const returned = await settleLanes([lane('calm', 'none', true), lane('bad', 'once', true)], bell, noTrouble);

    expect(returned.flat().map(({ messageId }) => messageId)).toStrictEqual(['calm', 'bad']);
    expect(course).toStrictEqual(['calm begins', 'calm ends', 'bad begins', 'bad ends']);
  });
  it('gives back a lane that fails for reasons of its own, and deletes nothing of it', async () => {
    const { course, lane, bell } = createCourse();
    const refused = new Error('DynamoDB refuses');
    const failing = { ...lane('failing', 'none'), settle: () => Promise.reject(refused) };
    const troubles: unknown[] = [];

    const returned = await settleLanes([failing, lane('calm', 'none'), lane('bad', 'once')], bell, (error) =>
      troubles.push(error),
    );

    expect(returned.flat().map(({ messageId }) => messageId)).toStrictEqual(['failing']);
    expect(troubles).toStrictEqual([refused]);
    expect(course).toContain('deleted: receipt of calm');
  });
});
