import { describe, expect, it } from 'vitest';
import { readCommandLine } from '../../cli/command-line.ts';
import { type TraceOptions, trace } from '../../cli/commands/trace.ts';
import type { InboxRecords } from '../../lib/consumer/index.ts';
import { causedBy } from '../../lib/event/index.ts';
import type { EpochMs } from '../../lib/shared/time.ts';
import { Deposited } from '../fixtures/events.ts';
import { createOperation, type OperationOptions } from './operation-under-test.ts';

const OPTIONS: TraceOptions = {
  subject: { kind: 'correlation', correlationId: 'correlation-1' },
  limit: 10,
  mermaid: false,
};

/** 2026-11-20T06:00:03.000Z */
const HANDLED_AT = 1_795_154_403_000 as EpochMs;

/** A deposit, which `billing` has handled, and its effect. */
async function createTraced(options: OperationOptions = {}) {
  const under = createOperation(options);
  const { rig } = under;
  const { events } = await rig.outbox.transact((tx) => tx.publish(Deposited, { accountId: '7', amount: 1 }));
  const [cause] = events;
  if (cause === undefined) throw new Error('nothing was published');
  rig.clock.advance(340);
  await rig.outbox.transact((tx) => tx.publish(Deposited, { accountId: '"8"', amount: 1 }), causedBy(cause));
  const { operation } = under;
  const inbox: InboxRecords = {
    find: async ({ id }) => (id === cause.id ? { status: 'completed', at: HANDLED_AT } : undefined),
  };
  const consumers = operation.consumers.map((consumer) => ({ ...consumer, inbox }));
  return { ...under, operation: { ...operation, consumers } };
}

describe('trace', () => {
  it('shows each event below its cause, and its state at each consumer', async () => {
    const { operation, out } = await createTraced();

    expect(await trace(OPTIONS, operation)).toBe(0);

    expect(out).toStrictEqual([
      'correlation correlation-1: 2 events',
      '',
      'com.example.account.deposited  event-1  account#7 1  committed 2026-11-20 06:00:00Z',
      '  billing: handled 3 s after its commit',
      '  mail: handled 3 s after its commit',
      '    com.example.account.deposited  event-3  account#"8" 1  340 ms after its cause',
      '      billing: unknown: published, neither handled nor failed, and the queue is empty: if it stays so, its message was lost; see audit and resend',
      '      mail: unknown: published, neither handled nor failed, and the queue is empty: if it stays so, its message was lost; see audit and resend',
    ]);
  });

  it('finds the correlation of an event', async () => {
    const { operation, out } = await createTraced();

    expect(await trace({ ...OPTIONS, subject: { kind: 'event', eventId: 'event-3' } }, operation)).toBe(0);

    expect(out[0]).toBe('correlation correlation-1: 2 events');
  });

  it('answers JSON, and a flowchart whose labels are quoted', async () => {
    const first = await createTraced({ json: true });
    await trace(OPTIONS, first.operation);
    const second = await createTraced();
    await trace({ ...OPTIONS, mermaid: true }, second.operation);

    expect(JSON.parse(first.out.join(''))).toMatchObject({ events: 2, roots: [{ effects: [{ afterCauseMs: 340 }] }] });
    expect(second.out.slice(0, 4)).toStrictEqual([
      'flowchart TD',
      '  e1["com.example.account.deposited<br/>account#35;7 1"]',
      '  e1 -.->|"handled"| c_e1_2(["billing"])',
      '  e1 -.->|"handled"| c_e1_3(["mail"])',
    ]);
    expect(second.out.join('\n')).toContain('account#35;#34;8#34; 1');
  });

  it('says that there are more events, that there is none, and which setting it needs', async () => {
    const { operation, notes } = await createTraced();

    expect(await trace({ ...OPTIONS, limit: 1 }, operation)).toBe(0);
    expect(await trace({ ...OPTIONS, subject: { kind: 'correlation', correlationId: 'c' } }, operation)).toBe(1);
    expect(await trace({ ...OPTIONS, subject: { kind: 'event', eventId: 'e' } }, operation)).toBe(1);

    expect(notes).toStrictEqual([
      'there are more than 1 events: see them with --limit',
      "the log holds no event of correlation 'c'",
      "the log holds no event 'e': see where",
    ]);
    await expect(trace(OPTIONS, { ...operation, index: () => undefined })).rejects.toThrow(/eventIndexes 'all'/);
  });

  it.each([
    ['trace', 'trace needs a correlation id, or --event EVENT_ID'],
    ['trace c --event e', 'trace needs a correlation id, or --event EVENT_ID'],
    ['trace c --mermaid --json', '--mermaid and --output exclude each other: give one of them'],
  ])('refuses %s', (line, message) => {
    expect(() => readCommandLine(line.split(' '))).toThrow(message);
  });
});
