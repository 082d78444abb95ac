import { describe, expect, it } from 'vitest';
import { checkPastEvent, takesOrAwaits } from '../../../lib/consumer/duplicate-check.ts';
import type { LogEntry } from '../../../lib/consumer/index.ts';
import type { CloudEvent } from '../../../lib/definitions/index.ts';
import { addMs, type EpochMs } from '../../../lib/shared/time.ts';
import { logged, NOW, tombstone } from './log-fixture.ts';

const EVENT = { source: '/orders', id: 'e4', sequence: '0000000000000004' } as CloudEvent;
const COMMITTED_AT = addMs(NOW, -2 * 3_600_000);

const look = (entry: LogEntry | undefined, { isKnown = false, startsAt = 0, reliableSince = 0 } = {}) =>
  checkPastEvent(
    EVENT,
    { generation: 2 },
    {
      memory: {
        knows: async (event, generation) => isKnown && event === EVENT && generation === 2,
        reliableSince: () => reliableSince as EpochMs,
      },
      startInstant: async () => startsAt as EpochMs,
      entryAt: async (sequence) => (sequence === 4 ? entry : undefined),
    },
  );

describe('an event at or before the cursor', () => {
  it('is handled if the inbox knows it, whatever the log shows', async () => {
    expect(await look(undefined, { isKnown: true })).toStrictEqual({ kind: 'handled' });
  });

  it.each([
    ['not in the log', undefined, {}],
    ['before the start', logged(4), { startsAt: COMMITTED_AT + 1 }],
    ['older than the inbox records', logged(4), { reliableSince: COMMITTED_AT + 1 }],
  ] as const)('stays what the cursor says where nobody can tell: %s', async (why, entry, limits) => {
    expect(await look(entry, limits)).toStrictEqual({ kind: 'unverified', why });
  });

  it('is unhandled if the inbox would know it', async () => {
    expect(await look(logged(4), { startsAt: COMMITTED_AT, reliableSince: COMMITTED_AT })).toStrictEqual({
      kind: 'unhandled',
    });
  });

  it.each([
    ['another event', logged(4, { id: 'e9' } as Partial<LogEntry>)],
    ['an event of the same id from another source', logged(4, { source: '/imports' } as Partial<LogEntry>)],
    ['an operator’s word that there is none', { ...tombstone(4), id: 'e4', source: '/orders' } as LogEntry],
  ])('is misplaced if the log has %s at its sequence', async (_, entry) => {
    expect(await look(entry)).toStrictEqual({ kind: 'misplaced', logged: entry });
  });
});

describe('the events that are read from a group’s log', () => {
  const wanted = takesOrAwaits(({ type }) => type === 'taken', new Map([[4, EVENT]]));
  const other = (sequence: number, id = `e${sequence}`) => logged(sequence, { type: 'other', id } as never) as never;

  it('are the subscribed ones, and those with a message in the batch', () => {
    expect(wanted(logged(3) as never)).toBe(true);
    expect(wanted(other(3))).toBe(false);
    expect(wanted(other(4))).toBe(true);
    expect(wanted(other(4, 'e9'))).toBe(false);
  });
});
