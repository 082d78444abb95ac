import { describe, expect, it } from 'vitest';
import { audit } from '../../cli/commands/audit.ts';
import { deliver } from '../../cli/commands/deliver.ts';
import { held } from '../../cli/commands/held.ts';
import { resend } from '../../cli/commands/resend.ts';
import { skip } from '../../cli/commands/skip.ts';
import { where } from '../../cli/commands/where.ts';
import { blockedBy, noteOf } from '../lib/operations/rig.ts';
import { createOperation, type OperationOptions } from './operation-under-test.ts';

/** A group of two events that waits for its first one since 90 seconds. */
async function createHeldGroup(options: OperationOptions = {}) {
  const under = createOperation(options);
  await under.rig.deposit('7', 2);
  await under.rig.place('account#7', { seen: 2, blockedBy: blockedBy(1) });
  under.rig.clock.advance(90_000);
  return under;
}

const SKIP = {
  consumer: 'billing',
  group: 'account#7',
  sequence: 1,
  reason: 'account closed',
  by: undefined,
  yes: false,
};

describe('held', () => {
  it('shows a table', async () => {
    const { operation, out } = await createHeldGroup();

    expect(await held({ consumer: undefined, state: undefined, tenantId: undefined }, operation)).toBe(0);

    expect(out).toStrictEqual([
      'CONSUMER  GROUP      SEQUENCE  STATE  SINCE  ATTEMPTS  BEHIND  EVENT    TYPE                           REASON',
      'billing   account#7  1         dead   1 min  5         1       event-1  com.example.account.deposited  Error: card refused',
    ]);
  });

  it('shows the location of the error in the code of the user', async () => {
    const { operation, out, rig } = await createHeldGroup();
    await rig.notes.record(noteOf('event-1', 'card refused'));

    await held({ consumer: undefined, state: undefined, tenantId: undefined }, operation);
    await held({ consumer: undefined, state: undefined, tenantId: undefined }, { ...operation, json: true });

    const [headings, group, json = ''] = out;
    expect(headings).toMatch(/ {2}TYPE +THROWN AT +REASON$/);
    expect(group).toMatch(/deposited {2}functions\/billing\/charge\.ts:7 {2}Error: card refused$/);
    expect(JSON.parse(json)).toMatchObject({ held: [{ thrownAt: 'functions/billing/charge.ts:7' }] });
  });

  it('truncates a long reason on a terminal, but not in piped output', async () => {
    const reason = { code: 'Error', message: `refused ${'x'.repeat(100)}\nby the bank` };
    const shown = async (isTerminal: boolean) => {
      const { operation, out, rig } = createOperation({ isTerminal });
      await rig.place('account#7', { seen: 1, blockedBy: blockedBy(1, { reason }) });
      await held({ consumer: undefined, state: undefined, tenantId: undefined }, operation);
      return out[1];
    };

    expect(await shown(true)).toMatch(/ {2}Error: refused x{44}…$/);
    expect(await shown(false)).toMatch(/ {2}Error: refused x{100} by the bank$/);
  });

  it('names the tenant of each group if there are tenants, and can show the groups of one tenant only', async () => {
    const { operation, out, rig } = await createHeldGroup();
    await rig.place('tenant:acme:account#7', { seen: 1, blockedBy: blockedBy(1) });

    await held({ consumer: 'billing', state: undefined, tenantId: undefined }, operation);
    await held({ consumer: 'billing', state: undefined, tenantId: 'acme' }, operation);
    await held({ consumer: 'billing', state: 'dead', tenantId: 'globex' }, operation);

    expect(out.map((line) => line.split(/ {2,}/).slice(0, 3))).toStrictEqual([
      ['CONSUMER', 'TENANT', 'GROUP'],
      ['billing', 'account#7', '1'],
      ['billing', 'acme', 'tenant:acme:account#7'],
      ['CONSUMER', 'TENANT', 'GROUP'],
      ['billing', 'acme', 'tenant:acme:account#7'],
      ['no group of tenant globex is dead'],
    ]);
  });

  it('reports that no group is held, and rejects a consumer without strict ordering', async () => {
    const { operation, out } = createOperation();

    expect(await held({ consumer: 'billing', state: 'dead', tenantId: undefined }, operation)).toBe(0);
    expect(out).toStrictEqual(['no group is dead']);
    await expect(held({ consumer: 'mail', state: undefined, tenantId: undefined }, operation)).rejects.toMatchObject({
      code: 'OPS_USAGE',
    });
    await expect(held({ consumer: 'post', state: undefined, tenantId: undefined }, operation)).rejects.toMatchObject({
      code: 'CONSUMER_UNKNOWN',
    });
  });
});

describe('skip', () => {
  it('shows the event, asks for confirmation, and skips it', async () => {
    const { operation, out, notes } = await createHeldGroup({ answer: true });

    expect(await skip(SKIP, operation)).toBe(0);

    expect(notes).toStrictEqual([
      'consumer  billing',
      'event     event-1, 1 of group account#7',
      'type      com.example.account.deposited',
      'failed    Error: card refused',
      'waits     1 min, 5 attempts, dead',
      'why skip  account closed',
      "'billing' will never handle this event. Skip it?",
    ]);
    expect(out).toStrictEqual([
      "skipped event 1 of group account#7 for 'billing'; resent event 2 (event-2): the consumer reads the missing events before it from the log",
    ]);
  });

  it('does nothing if the answer is no, or if the input is not a terminal', async () => {
    const no = await createHeldGroup({ answer: false });
    const nobody = await createHeldGroup();

    expect(await skip(SKIP, no.operation)).toBe(1);
    await expect(skip(SKIP, nobody.operation)).rejects.toMatchObject({ code: 'OPS_USAGE' });

    for (const { rig } of [no, nobody]) expect(await rig.cursor('account#7')).toMatchObject({ processed: 0 });
    expect(no.notes.at(-1)).toBe('nothing was done');
  });

  it('rejects, without asking, an event that does not block its group', async () => {
    const { operation, notes, rig } = await createHeldGroup({ answer: true });

    expect(await skip({ ...SKIP, sequence: 2 }, operation)).toBe(1);
    expect(await skip({ ...SKIP, group: 'account#8' }, operation)).toBe(1);
    await rig.place('account#9', { processed: 4, seen: 4 });
    expect(await skip({ ...SKIP, group: 'account#9' }, operation)).toBe(1);

    expect(notes).toStrictEqual([
      'nothing was done: group account#7 waits for event 1, not for this one; see: npx waybill held --consumer billing',
      'nothing was done: the consumer has no cursor for group account#8; see: npx waybill held --consumer billing',
      'nothing was done: group account#9 waits for nothing, its cursor is at event 4; see: npx waybill held --consumer billing',
    ]);
  });

  it('reports who skipped the event before', async () => {
    const { operation, out } = await createHeldGroup();
    await skip({ ...SKIP, yes: true, by: 'bob' }, operation);

    expect(await skip({ ...SKIP, yes: true }, operation)).toBe(0);

    expect(out[1]).toBe(
      'skipped before, by bob at 2026-11-20 06:01:30Z (account closed); resent event 2 (event-2): the consumer reads the missing events before it from the log',
    );
  });
});

describe('resend', () => {
  it('reports what it resent, and reports if there is nothing to resend', async () => {
    const { operation, out } = await createHeldGroup();

    expect(await resend({ consumer: 'billing', group: undefined, resendsPerSecond: 10 }, operation)).toBe(0);
    expect(await resend({ consumer: 'billing', group: 'account#8', resendsPerSecond: 10 }, operation)).toBe(0);

    expect(out).toStrictEqual([
      'account#7  resent event 1 (event-1), which the group waits for',
      'account#8  nothing to resend: the log has no unprocessed event of this group for the consumer',
    ]);
  });

  it('exits with 1 if the event has expired', async () => {
    const { operation, out, rig } = createOperation();
    await rig.place('account#7', { processed: 2, seen: 3, blockedBy: blockedBy(3) });

    expect(await resend({ consumer: 'billing', group: 'account#7', resendsPerSecond: 10 }, operation)).toBe(1);

    expect(out).toStrictEqual([
      'account#7  cannot resend: the log no longer holds event 3, which the group waits for; it can only be skipped',
    ]);
  });
});

describe('where', () => {
  it('shows the event, the outbox and each consumer', async () => {
    const { operation, out } = await createHeldGroup();

    const subject = { kind: 'place', group: 'account#7', sequence: 2 } as const;
    expect(await where({ subject, maxReadUnits: 100 }, operation)).toBe(0);

    expect(out).toStrictEqual([
      'event      event-2, 2 of group account#7',
      'type       com.example.account.deposited from /accounts',
      'committed  2026-11-20 06:00:00Z, 1 min ago',
      'outbox     published',
      '',
      'billing    held behind event 1 (event-1), dead for 1 min: Error: card refused',
      'mail       unknown: published, neither handled nor failed, and the queue is empty: if it stays so, its message was lost; see audit and resend',
    ]);
  });

  it('says what to do if a scan reaches its limit', async () => {
    const { operation, notes } = await createHeldGroup();

    const subject = { kind: 'id', eventId: 'nobody', group: undefined } as const;
    expect(await where({ subject, maxReadUnits: 1 }, { ...operation, index: () => undefined })).toBe(1);

    expect(notes).toStrictEqual([
      'not found in 2 items (2 read units), and there are more: give --group, or --group and --sequence (every log line of the event has them), or raise --max-read-units',
    ]);
  });
});

describe('audit', () => {
  const OPTIONS = { consumer: 'billing', resend: false, waiting: false, graceMs: 60_000, readUnitsPerSecond: 500 };

  it('shows the missing events and exits with 1 until they are resent', async () => {
    const { operation, out, rig } = createOperation();
    await rig.deposit('7', 2);
    await rig.place('account#7', { processed: 1, seen: 1 });
    rig.clock.advance(3 * 3_600_000);

    expect(await audit(OPTIONS, operation)).toBe(1);
    expect(await audit({ ...OPTIONS, resend: true }, operation)).toBe(0);

    expect(out.slice(0, 4)).toStrictEqual([
      'CONSUMER  GROUP      CURSOR  LAST  AGE  MESSAGE     EVENT    TYPE                           RESENT',
      'billing   account#7  1       2     3 h  never came  event-2  com.example.account.deposited  no',
      expect.stringMatching(
        /^1 missing, 0 waiting in a named place, 0 younger than 1 min; 1 groups, 2 items, \d+ read units$/,
      ),
      'nothing was sent: add --resend to send the last event of each to its queue',
    ]);
    expect(out[5]).toMatch(/ yes$/);
    expect(rig.queue.resent).toHaveLength(1);
  });

  it('writes timestamps as text with --json', async () => {
    const { operation, out, rig } = createOperation({ json: true });
    await rig.deposit('7');
    rig.clock.advance(120_000);

    await audit(OPTIONS, operation);

    expect(JSON.parse(out[0] ?? '')).toMatchObject({
      environment: 'dev',
      missing: 1,
      found: [{ consumer: 'billing', event: { committedAt: '2026-11-20T06:00:00.000Z' }, resent: false }],
    });
  });
});

describe('deliver', () => {
  const options = { consumer: 'billing', from: undefined, messagesPerSecond: 10 };

  it('reports what it sent and what it left, and exits with 1 if it left something', async () => {
    const { operation, out, rig } = createOperation();
    const [id] = await rig.deposit('7');
    const stored = await rig.log.find({ group: 'account#7', sequence: 1 });
    rig.undeliverable.put(JSON.stringify({ detail: JSON.parse(stored?.body ?? '') }));
    rig.undeliverable.put('', 'INVALID_PARAMETER');

    expect(await deliver(options, operation)).toBe(1);

    expect(out.map((line) => line.replace(/ {2,}/g, ' | '))).toStrictEqual([
      `sent | ${id} | 1 of group account#7 | com.example.account.deposited | NO_PERMISSIONS`,
      'left | message-2 | it is not valid JSON | INVALID_PARAMETER',
      '1 left where they are: look at them in the undeliverable queue, and delete those that are not needed',
    ]);
  });

  it('reports that nothing is undeliverable only if nothing is left', async () => {
    const { operation, out, rig } = createOperation();

    expect(await deliver(options, operation)).toBe(0);
    rig.undeliverable.put('no event');
    await deliver(options, operation);
    expect(await deliver(options, operation)).toBe(1);

    const left = 'left  message-1  it is not valid JSON    NO_PERMISSIONS';
    const advice =
      '1 left where they are: look at them in the undeliverable queue, and delete those that are not needed';
    expect(out).toStrictEqual(["nothing is undeliverable to 'billing'", left, advice, left, advice]);
  });

  it.each([
    [false, (id: string) => `sent  ${id}  1 of group account#7  com.example.account.deposited  NO_PERMISSIONS`],
    [true, (id: string) => expect.stringMatching(`"eventId":"${id}".*"failed":"token expired"`)],
  ])(
    'reports what it has sent even if it is interrupted, because this is the only record (JSON: %s)',
    async (json, told) => {
      const { operation, out, rig } = createOperation({ json });
      const [id = ''] = await rig.deposit('7');
      const stored = await rig.log.find({ group: 'account#7', sequence: 1 });
      const envelope = JSON.stringify({ detail: JSON.parse(stored?.body ?? '') });
      rig.undeliverable.put(envelope);
      rig.undeliverable.put(envelope);
      const resend = rig.queue.resend;
      rig.queue.resend = (group, body) =>
        rig.queue.resent.length === 0 ? resend(group, body) : Promise.reject(new Error('token expired'));

      await expect(deliver(options, operation)).rejects.toThrow('token expired');

      expect(out).toStrictEqual([told(id)]);
    },
  );

  it('counts only the messages that it sends toward the rate, not those that it leaves', async () => {
    const { operation, rig } = createOperation();
    const slept: number[] = [];
    await rig.deposit('7');
    const stored = await rig.log.find({ group: 'account#7', sequence: 1 });
    rig.undeliverable.put('no event');
    rig.undeliverable.put(JSON.stringify({ detail: JSON.parse(stored?.body ?? '') }));
    rig.undeliverable.put('no event');

    await deliver(options, { ...operation, sleep: async (ms) => void slept.push(ms) });

    expect(slept).toStrictEqual([100]);
  });

  it('prints JSON without message bodies', async () => {
    const { operation, out, rig } = createOperation({ json: true });
    const [id] = await rig.deposit('7');
    const stored = await rig.log.find({ group: 'account#7', sequence: 1 });
    rig.undeliverable.put(JSON.stringify({ detail: JSON.parse(stored?.body ?? '') }));

    expect(await deliver({ ...options, consumer: 'mail' }, operation)).toBe(0);

    expect(JSON.parse(out[0] ?? '')).toStrictEqual({
      consumer: 'mail',
      messages: [
        {
          kind: 'sent',
          group: 'account#7',
          sequence: 1,
          eventId: id,
          type: 'com.example.account.deposited',
          errorCode: 'NO_PERMISSIONS',
        },
      ],
    });
  });
});
