import { describe, expect, it } from 'vitest';
import { takesOf } from '../../../lib/definitions/index.ts';
import { type AuditedConsumer, type AuditOptions, audit, type MissingEvent } from '../../../lib/operations/index.ts';
import type { EpochMs } from '../../../lib/shared/time.ts';
import { Audited, Deposited } from '../../fixtures/events.ts';
import { blockedBy, createOpsRig, T0 } from './rig.ts';

type Rig = ReturnType<typeof createOpsRig>;

const HOUR_MS = 3_600_000;

async function auditOf(rig: Rig, options: Partial<AuditOptions> = {}, consumer: Partial<AuditedConsumer> = {}) {
  const spent: number[] = [];
  const limiter = { spend: async (units: number) => void spent.push(units) };
  const run = audit(
    {
      log: rig.log,
      walker: rig.log,
      places: rig.places,
      markers: { statesOf: async (places) => places.map(() => ({ kind: 'published' })) },
      consumers: [{ ...rig.reconciled(consumer), queue: rig.queue }],
      clock: rig.clock,
      sleep: async () => undefined,
      readLimiter: limiter,
      resendLimiter: limiter,
    },
    { graceMs: 60_000, resend: false, ...options },
  );
  const missing: MissingEvent[] = [];
  let next = await run.next();
  for (; !next.done; next = await run.next()) missing.push(next.value);
  return { missing, progress: next.value, spent };
}

const since = (at: number) => async () => ({ grouped: at as EpochMs, alone: at as EpochMs, cursors: undefined });

describe('audit', () => {
  it('finds a group if the consumer has not processed its last event, and resends nothing by default', async () => {
    const rig = createOpsRig();
    const [, , last] = await rig.deposit('7', 3);
    await rig.deposit('8', 2);
    await rig.place('account#7', { processed: 1, seen: 1 });
    await rig.place('account#8', { processed: 2, seen: 2 });
    rig.clock.advance(HOUR_MS);

    const { missing, progress, spent } = await auditOf(rig);

    expect(missing).toMatchObject([
      { consumer: 'billing', event: { id: last, sequence: 3 }, processed: 1, seen: false, resent: false },
    ]);
    // two of billing's three events in group 7 are behind its cursor
    expect(progress).toMatchObject({ items: 5, groups: 2, underWay: 0, waiting: 0, missing: 2 });
    expect(spent.reduce((sum, units) => sum + units, 0)).toBe(progress.readUnits);
    expect(rig.queue.resent).toStrictEqual([]);
  });

  it('resends the last event of the group with the option resend', async () => {
    const rig = createOpsRig();
    const [, , last] = await rig.deposit('7', 3);
    rig.clock.advance(HOUR_MS);

    const { missing } = await auditOf(rig, { resend: true });

    expect(missing).toMatchObject([{ processed: undefined, resent: true }]);
    expect(rig.queue.resent.map(({ body }) => JSON.parse(body).id)).toStrictEqual([last]);
  });

  it('ignores events that are blocked by an earlier event, and recent ones', async () => {
    const rig = createOpsRig();
    await rig.deposit('7', 3);
    await rig.place('account#7', { seen: 3, blockedBy: blockedBy(1) });
    rig.clock.advance(HOUR_MS);
    await rig.deposit('8');
    rig.clock.advance(59_999);

    const { missing, progress } = await auditOf(rig, { resend: true });

    expect(missing).toStrictEqual([]);
    expect(progress).toMatchObject({ waiting: 3, underWay: 1, missing: 0 });
  });

  it('finds an event of a blocked group that never arrived', async () => {
    const rig = createOpsRig();
    const [, , last] = await rig.deposit('7', 3);
    await rig.place('account#7', { seen: 1, blockedBy: blockedBy(1) });
    rig.clock.advance(HOUR_MS);

    const { missing } = await auditOf(rig, { resend: true });

    expect(missing).toMatchObject([{ kind: 'never-arrived', event: { id: last }, seen: false, resent: true }]);
  });

  it('finds an event of a fifo consumer that it has not handled, and resends it', async () => {
    const rig = createOpsRig();
    const [first = '', second = ''] = await rig.deposit('7', 2);
    await rig.handle({ source: '/accounts', id: first });
    rig.clock.advance(HOUR_MS);
    const reads = { ...rig.reads, cursors: undefined };

    const { missing } = await auditOf(rig, { resend: true }, { glance: reads, certain: reads });

    expect(missing).toMatchObject([{ kind: 'never-arrived', event: { id: second }, processed: undefined }]);
    expect(rig.queue.resent.map(({ body }) => JSON.parse(body).id)).toStrictEqual([second]);
  });

  it('resends the events that block groups, in any state, if their messages were lost with the queue', async () => {
    const rig = createOpsRig();
    const [retried] = await rig.deposit('7', 3);
    const [, dead] = await rig.deposit('8', 2);
    await rig.place('account#7', { seen: 3, blockedBy: blockedBy(1, { state: 'retrying' }) });
    await rig.place('account#8', { processed: 1, seen: 2, blockedBy: blockedBy(2) });
    const failed = await rig.note();
    await rig.notes.record({
      subject: failed,
      code: 'Error',
      message: 'no',
      stackHead: '',
      attempts: 1,
      state: 'retrying',
      holdsGroup: false,
    });
    rig.clock.advance(HOUR_MS);

    const { missing, progress } = await auditOf(
      rig,
      { resend: true, waiting: true },
      { takes: takesOf([Deposited, Audited]) },
    );

    expect(missing.map(({ event, resent }) => [event.id, event.sequence, resent])).toStrictEqual([
      [retried, 1, true],
      [dead, 2, true],
      [failed, 1, true],
    ]);
    expect(rig.queue.resent.map(({ body }) => JSON.parse(body).id)).toStrictEqual([retried, dead, failed]);
    expect(progress).toMatchObject({ waiting: 5, missing: 0 });
  });

  it('skips a group that is blocked by an event that the log no longer holds', async () => {
    const rig = createOpsRig();
    await rig.deposit('7', 3);
    await rig.place('account#7', { seen: 3, blockedBy: blockedBy(9) });
    rig.clock.advance(HOUR_MS);

    const { missing, progress } = await auditOf(rig, { resend: true, waiting: true });

    expect({ missing, waiting: progress.waiting }).toStrictEqual({ missing: [], waiting: 3 });
  });

  it('ignores events before the start of a consumer if it has no cursor', async () => {
    const rig = createOpsRig();
    await rig.deposit('7');
    rig.clock.advance(HOUR_MS);

    const later = await auditOf(rig, {}, { accountableSince: since(T0 + 1) });
    const then = await auditOf(rig, {}, { accountableSince: since(T0) });

    expect(later.missing).toStrictEqual([]);
    expect(then.missing).toHaveLength(1);
  });

  it.each([
    ['no tenant', undefined, ''],
    ['a tenant', 'acme', 'tenant:acme:'],
  ])(
    'looks up events without a group, of %s, in the inbox, and does not resend failed ones',
    async (_, tenantId, prefix) => {
      const rig = createOpsRig();
      const handled = await rig.note(tenantId);
      const lost = await rig.note(tenantId);
      const failing = await rig.note(tenantId);
      await rig.handle({ source: '/audit', id: handled });
      await rig.notes.record({
        subject: failing,
        code: 'Error',
        message: 'no',
        stackHead: '',
        attempts: 5,
        state: 'dead',
        holdsGroup: false,
      });
      rig.clock.advance(HOUR_MS);

      const { missing, progress } = await auditOf(rig, {}, { takes: takesOf([Audited]) });

      expect(missing).toMatchObject([{ event: { id: lost, group: `${prefix}${lost}` }, processed: undefined }]);
      expect(progress).toMatchObject({ groups: 3, waiting: 1, missing: 1 });
    },
  );

  it('counts an event as missing if its execution died, and as under way while it is executed', async () => {
    const rig = createOpsRig();
    const died = await rig.note();
    await rig.die({ source: '/audit', id: died });
    rig.clock.advance(HOUR_MS);
    const busy = await rig.note();
    await rig.die({ source: '/audit', id: busy });

    const { missing, progress } = await auditOf(rig, {}, { takes: takesOf([Audited]) });

    expect(missing).toMatchObject([{ event: { id: died }, processed: undefined }]);
    expect(progress).toMatchObject({ underWay: 1, missing: 1 });
  });

  it('never resends an event without a group if only its inbox record has expired', async () => {
    const rig = createOpsRig();
    const handled = await rig.note();
    await rig.handle({ source: '/audit', id: handled });
    for (const item of rig.tables.items('inbox'))
      rig.tables.apply([{ Delete: { TableName: 'inbox', Key: { id: item['id'] ?? { S: '' } } } }]);
    const failed = await rig.note();
    await rig.notes.record({
      subject: failed,
      code: 'Error',
      message: 'no',
      stackHead: '',
      attempts: 1,
      state: 'retrying',
      holdsGroup: false,
    });
    rig.clock.advance(HOUR_MS);
    const lost = await rig.note();
    rig.clock.advance(HOUR_MS);

    const { missing } = await auditOf(
      rig,
      { resend: true, waiting: true },
      { takes: takesOf([Audited]), accountableSince: since(T0 + 1) },
    );

    expect(missing.map(({ event }) => event.id)).toStrictEqual([lost]);
    expect(rig.queue.resent.map(({ body }) => JSON.parse(body).id)).toStrictEqual([lost]);
  });

  it('keeps groups together across pages, and compares more than a hundred groups', async () => {
    const rig = createOpsRig();
    for (let account = 1; account <= 130; account++) {
      await rig.deposit(`${account}`, 4);
      await rig.place(`account#${account}`, { processed: account === 120 ? 3 : 4, seen: 4 });
    }
    rig.clock.advance(HOUR_MS);

    const { missing, progress } = await auditOf(rig);

    expect(missing).toMatchObject([{ event: { group: 'account#120', sequence: 4 }, processed: 3, seen: true }]);
    expect(progress).toMatchObject({ items: 520, groups: 130 });
  });
});
