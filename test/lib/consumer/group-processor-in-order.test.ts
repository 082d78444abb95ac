import { describe, expect, it } from 'vitest';
import { groupInOrder } from '../../../lib/consumer/group-processor.ts';
import { createProcessorRig, cursorAt, failure, messageOf, type ProcessorRig } from './processor-rig.ts';

/** The messages of a group as one batch, and what is done about them, without the reads of the log. */
function open(rig: Partial<ProcessorRig> & { readonly receiveCounts: readonly number[]; readonly overAfter?: number }) {
  const { receiveCounts, overAfter = Number.POSITIVE_INFINITY, ...more } = rig;
  const { calls, strict, batch } = createProcessorRig({ cursor: cursorAt(4), ...more });
  const messages = receiveCounts.map((receiveCount, index) => messageOf(5 + index, { receiveCount }));
  const tries = () => calls.filter((call) => call.startsWith('try'));
  const group = groupInOrder('g', messages, cursorAt(4), strict, {
    ...batch,
    isTimeUp: () => tries().length >= overAfter,
    redelivery: {
      ...batch.redelivery,
      async release(released) {
        calls.push(`release ${released.map(({ receiptHandle }) => receiptHandle).join(' ')}`);
        return released;
      },
    },
  });
  return { group, calls: () => calls.filter((call) => /^(try|delete|release|hide)/.test(call)) };
}

const idsOf = (messages: readonly { readonly receiptHandle: string }[]) =>
  messages.map(({ receiptHandle }) => receiptHandle);

describe('the messages of a group', () => {
  it('are processed one after another, and deleted before one that may crash the process', async () => {
    const { group, calls } = open({ receiveCounts: [1, 1, 2] });

    expect(idsOf(await group.process())).toStrictEqual([]);
    expect(calls()).toStrictEqual([
      'try 5 (2): handled',
      'try 6 (2): handled',
      'delete r-e5 r-e6',
      'hide r-e7 60',
      'try 7 (2): handled',
    ]);
  });

  it('are not deleted where nothing is done with, though one may crash the process', async () => {
    const { group, calls } = open({ receiveCounts: [2, 1], attempts: { 5: [failure()] } });

    expect(idsOf(await group.process())).toStrictEqual(['r-e5']);
    expect(calls()).toStrictEqual(['hide r-e5 60', 'delete r-e6', 'try 5 (2): failed', 'hide r-e5 20']);
  });

  it('are released behind one that blocks them, and visible once it is', async () => {
    const busy = { kind: 'busy', until: 0 } as never;
    const { group, calls } = open({ receiveCounts: [1, 1, 1], attempts: { 6: [busy] } });

    expect(idsOf(await group.process())).toStrictEqual(['r-e6', 'r-e7']);
    expect(calls()).toStrictEqual([
      'try 5 (2): handled',
      'try 6 (2): busy',
      'hide r-e6 1',
      'release r-e6 r-e7',
      'hide r-e7 0',
    ]);
  });

  it('are released untried once the time is over', async () => {
    const { group, calls } = open({ receiveCounts: [1, 1, 1], overAfter: 1 });

    expect(idsOf(await group.process())).toStrictEqual(['r-e6', 'r-e7']);
    expect(calls()).toStrictEqual(['try 5 (2): handled', 'release r-e6 r-e7']);
  });

  it.each([
    ['none', [1, 1], undefined],
    ['once', [1, 2], undefined],
    ['repeated', [2, 1], { code: 'EXECUTION_DIED', message: '' }],
  ] as const)('are as suspect as the worst of them: %s', (worst, receiveCounts, reason) => {
    const blocker = { sequence: 5, since: 0, attempts: 1, state: 'retrying', permanent: false, reason } as never;
    const { strict, batch } = createProcessorRig({ cursor: cursorAt(4) });
    const cursor = cursorAt(4, reason === undefined ? {} : { blockedBy: blocker });
    const messages = receiveCounts.map((receiveCount, index) => messageOf(5 + index, { receiveCount }));

    expect(groupInOrder('g', messages, cursor, strict, batch).crashSuspect).toBe(worst);
  });
});
