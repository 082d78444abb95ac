import { describe, expect, it } from 'vitest';
import { groupOf } from '../../../lib/definitions/index.ts';
import { createTenancy } from '../../../lib/tenancy/index.ts';
import { createInMemoryCursorStore } from '../../../lib/testing/in-memory-cursor-store.ts';
import { Deposited } from '../../fixtures/events.ts';
import { lambdaContext } from '../../fixtures/lambda-context.ts';
import { createRecordingAudit } from '../tenancy/recording-audit.ts';
import { batchOf, createRig, messageOf, type RigOptions } from './rig.ts';

/** A bank with tenants, of which acme is suspended until the test activates it. */
async function createBank(ordering: 'strict' | 'fifo', options: RigOptions = {}) {
  const tenancy = createTenancy({ mode: 'required', audit: createRecordingAudit() });
  const suspended = new Set(['acme']);
  const handled: string[] = [];
  const deadLetters: unknown[] = [];
  const rig = createRig(({ tenantid, data }) => void handled.push(`${tenantid} ${data.amount}`), {
    ordering,
    tenancy,
    tenants: { isActive: async (tenantId) => !suspended.has(tenantId) },
    onDeadLetter: (letter) => void deadLetters.push(letter),
    ...options,
  });
  const bodies = new Map<string, string>();
  for (const [tenantId, amount] of [
    ['acme', 1],
    ['acme', 2],
    ['globex', 3],
  ] as const) {
    await rig.outbox.transact((tx) => tx.publish(Deposited, { accountId: '7', amount }), { tenantId });
    bodies.set(`${tenantId} ${amount}`, rig.store.events.at(-1)?.body ?? '');
  }
  const receive = async (receiveCount: number, ...names: string[]) => {
    const records = names.map((name) => {
      const record = messageOf(bodies.get(name) ?? '', groupOf(name.split(' ')[0], 'account#7'));
      record.attributes.ApproximateReceiveCount = String(receiveCount);
      return record;
    });
    const { batchItemFailures } = await rig.handler(batchOf(...records), lambdaContext());
    return batchItemFailures.length;
  };
  return { ...rig, suspended, handled, deadLetters, bodies, receive };
}

describe.each(['strict', 'fifo'] as const)('a %s consumer of a suspended tenant’s events', (ordering) => {
  it('does not handle them, and handles those of others', async () => {
    const bank = await createBank(ordering);

    expect(await bank.receive(1, 'acme 1', 'globex 3')).toBe(1);

    expect(bank.handled).toStrictEqual(['globex 3']);
  });

  it('handles them in order once the tenant is active', async () => {
    const bank = await createBank(ordering);
    await bank.receive(1, 'acme 1', 'acme 2');
    bank.suspended.clear();

    await bank.receive(2, 'acme 1');
    // a strict consumer has deleted the second message, and sends its event again behind the one that was retried
    expect(bank.queue.resent.length).toBe(ordering === 'strict' ? 1 : 0);
    await bank.receive(1, 'acme 2');

    expect(bank.handled).toStrictEqual(['acme 1', 'acme 2']);
  });

  it('hides their messages for two minutes and more, and makes no dead letter of them at the last receive', async () => {
    const bank = await createBank(ordering);

    expect(await bank.receive(2, 'acme 1')).toBe(1);
    expect(bank.queue.visibilityChanges.at(-1)?.delaySeconds).toBe(123);
    // of three receives
    expect(await bank.receive(3, 'acme 1')).toBe(0);

    expect(bank.queue.resent).toStrictEqual([{ group: 'tenant:acme:account#7', body: bank.bodies.get('acme 1') }]);
    expect(bank.deadLetters).toStrictEqual([]);
    expect(bank.notes.all()).toMatchObject([{ code: 'TENANT_INACTIVE', state: 'retrying', tenantId: 'acme' }]);
  });

  it('counts them as deferred and not as failed, and raises no alarm on a long wait', async () => {
    const bank = await createBank(ordering);
    bank.clock.advance(3_600_000);

    await bank.receive(3, 'acme 1');

    expect(bank.emitted.at(-1)).toMatchObject({ EventsDeferred: 1, EventsOfInactiveTenants: 1 });
    expect(bank.emitted.at(-1)).not.toHaveProperty('EventsFailed');
    expect(bank.emitted.at(-1)).not.toHaveProperty('RenewedEventAge');
    expect(bank.singles).toStrictEqual([]);
    expect(bank.lines.map(({ level, message }) => `${level} ${message}`)).toContain(
      'INFO the event waits: its tenant is not active',
    );
    expect(bank.lines.filter(({ level }) => level === 'ERROR')).toStrictEqual([]);
  });

  it('defers and raises the alarm if the directory cannot be read', async () => {
    const bank = await createBank(ordering, {
      tenants: {
        isActive: () => Promise.reject(Object.assign(new Error('no answer'), { disposition: 'defer' })),
      },
    });

    await bank.receive(3, 'acme 1');

    expect(bank.handled).toStrictEqual([]);
    expect(bank.emitted.at(-1)).toMatchObject({ EventsDeferred: 1, EventsFailed: 1, RenewedEventAge: 0 });
  });
});

it('a strict consumer’s cursor says why the group of a suspended tenant waits', async () => {
  const bank = await createBank('strict');

  await bank.receive(1, 'acme 1', 'acme 2');

  const cursors = createInMemoryCursorStore({ tables: bank.tables, tableName: 'cursors', consumer: 'banking' });
  expect((await cursors.read(['tenant:acme:account#7'])).get('tenant:acme:account#7')).toMatchObject({
    processed: 0,
    seen: 2,
    blockedBy: {
      sequence: 1,
      state: 'retrying',
      deferred: true,
      reason: { code: 'TENANT_INACTIVE', message: "tenant 'acme' is not active: its events wait until it is" },
    },
  });
});
