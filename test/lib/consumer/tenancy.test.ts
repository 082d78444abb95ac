import { describe, expect, it } from 'vitest';
import { PermanentError } from '../../../lib/consumer/index.ts';
import { groupOf } from '../../../lib/definitions/index.ts';
import { createTenancy, type Tenancy } from '../../../lib/tenancy/index.ts';
import { Audited, Deposited } from '../../fixtures/events.ts';
import { lambdaContext } from '../../fixtures/lambda-context.ts';
import { createRecordingAudit } from '../tenancy/recording-audit.ts';
import { batchOf, createRig, type DepositHandler, eventOf, messageOf, type RigOptions } from './rig.ts';

const required = () => createTenancy({ mode: 'required', audit: createRecordingAudit() });

const deposit = async (id: string, tenantId: string | undefined, sequence = 1) => {
  const partitionkey = groupOf(tenantId, 'account#7');
  const place = { partitionkey, sequence: String(sequence).padStart(16, '0') };
  const tenant = tenantId === undefined ? {} : { tenantid: tenantId };
  const event = await eventOf(Deposited, { accountId: '7', amount: 1 }, { id, ...place, ...tenant });
  return messageOf(JSON.stringify(event), partitionkey);
};

const rigOf = (tenancy: Tenancy, onDeposit: DepositHandler, options: RigOptions = {}) =>
  createRig(onDeposit, { ordering: 'strict', ...options, tenancy });

describe('a consumer with tenants', () => {
  it.each(['strict', 'fifo'] as const)(
    'handles each event of a batch as its tenant, side by side (%s)',
    async (ordering) => {
      const tenancy = required();
      const seen: string[] = [];
      const onDeposit: DepositHandler = async ({ tenantid }, { tx, afterCommit }) => {
        for (let turn = 0; turn < 3; turn++) {
          seen.push(`${tenantid} is ${tenancy.currentTenant()}`);
          await new Promise((resolve) => setImmediate(resolve));
        }
        tx.publish(Audited, { note: String(tenancy.currentTenant()) });
        afterCommit(() => void seen.push(`${tenantid} was ${tenancy.currentTenant()}`));
      };
      const { handler, store } = rigOf(tenancy, onDeposit, { ordering });

      await handler(
        batchOf(await deposit('e1', 'acme'), await deposit('e2', 'globex'), await deposit('e3', 'initech')),
        lambdaContext(),
      );

      expect([...new Set(seen)].toSorted()).toStrictEqual([
        'acme is acme',
        'acme was acme',
        'globex is globex',
        'globex was globex',
        'initech is initech',
        'initech was initech',
      ]);
      expect(seen.slice(0, 3)).toStrictEqual(['acme is acme', 'globex is globex', 'initech is initech']);
      const published = store.events.map(
        ({ body }) => JSON.parse(body) as { tenantid: string; data: { note: string } },
      );
      expect(published.map(({ tenantid, data }) => [tenantid, data.note]).toSorted()).toStrictEqual([
        ['acme', 'acme'],
        ['globex', 'globex'],
        ['initech', 'initech'],
      ]);
      expect(tenancy.currentTenant()).toBeUndefined();
    },
  );

  it.each(['strict', 'fifo'] as const)(
    'refuses an event without a tenant before inbox and cursor are touched (%s)',
    async (ordering) => {
      const handled: string[] = [];
      const rig = rigOf(required(), ({ id }) => void handled.push(id), { ordering });
      const message = await deposit('e1', undefined);

      const { batchItemFailures } = await rig.handler(batchOf(message), lambdaContext());

      expect(handled).toStrictEqual([]);
      expect(batchItemFailures).toStrictEqual([{ itemIdentifier: message.messageId }]);
      expect(rig.queue.visibilityChanges).toStrictEqual([{ receiptHandle: message.receiptHandle, delaySeconds: 0 }]);
      expect(rig.notes.all()).toMatchObject([
        { subject: `message:${message.messageId}`, code: 'TENANT_MISSING', state: 'dead', holdsGroup: false },
      ]);
      expect(rig.store.items('inbox')).toStrictEqual([]);
      expect(rig.store.items('cursors')).toStrictEqual([]);
      expect(rig.singles).toStrictEqual([]);
    },
  );

  it('releases what is no event at all, and handles the rest', async () => {
    const handled: string[] = [];
    const rig = rigOf(required(), ({ id }) => void handled.push(id));
    const odd = messageOf('hello', 'odd');

    const { batchItemFailures } = await rig.handler(batchOf(odd, await deposit('e1', 'acme')), lambdaContext());

    expect(batchItemFailures).toStrictEqual([{ itemIdentifier: odd.messageId }]);
    expect(handled).toStrictEqual(['e1']);
  });

  it('handles an event without a group as its tenant, and keeps no cursor for it', async () => {
    const tenancy = required();
    const seen: unknown[] = [];
    const rig = rigOf(tenancy, () => void seen.push(tenancy.currentTenant()));
    const event = await eventOf(
      Deposited,
      { accountId: '7', amount: 1 },
      { id: 'e1', tenantid: 'acme', partitionkey: 'tenant:acme:e1' },
    );

    await rig.handler(batchOf(messageOf(JSON.stringify(event), 'tenant:acme:e1')), lambdaContext());

    expect(seen).toStrictEqual(['acme']);
    expect(rig.store.items('cursors')).toStrictEqual([]);
  });

  it('notes whose event failed, in the log too', async () => {
    const heard: unknown[] = [];
    const rig = rigOf(
      required(),
      () => {
        throw new PermanentError('card refused');
      },
      { onDeadLetter: ({ subject, tenantId }) => void heard.push([subject, tenantId]) },
    );

    await rig.handler(batchOf(await deposit('e1', 'acme')), lambdaContext());

    expect(rig.notes.all()).toMatchObject([{ subject: 'e1', tenantId: 'acme', state: 'dead', holdsGroup: true }]);
    expect(rig.lines).toMatchObject([
      { message: 'event failed', tenant_id: 'acme' },
      { message: 'the event goes to the dead-letter queue', tenant_id: 'acme' },
    ]);
    expect(heard).toStrictEqual([['e1', 'acme']]);
  });

  it('calls onDeadLetter as the tenant whose event it is, and as nobody for what has none', async () => {
    const tenancy = required();
    const heard: unknown[] = [];
    const rig = rigOf(
      tenancy,
      () => {
        throw new PermanentError('card refused');
      },
      { onDeadLetter: ({ tenantId }) => void heard.push(`${tenantId} as ${tenancy.currentTenant()}`) },
    );

    await rig.handler(
      batchOf(await deposit('e1', 'acme'), await deposit('e2', 'globex'), await deposit('e3', undefined)),
      lambdaContext(),
    );

    expect(heard.toSorted()).toStrictEqual(['acme as acme', 'globex as globex', 'undefined as undefined']);
  });

  it('names the tenant whose group could not be settled', async () => {
    const rig = rigOf(required(), () => undefined);
    rig.refuseCursorsOf('tenant:acme:account#7');

    await rig.handler(batchOf(await deposit('e1', 'acme')), lambdaContext());

    expect(rig.lines).toContainEqual(
      expect.objectContaining({
        message: 'processing a group failed: its messages return to the queue',
        groups: ['tenant:acme:account#7'],
        tenant_id: 'acme',
      }),
    );
  });

  it('counts what was handled and what failed for the tenant, beside the count of all', async () => {
    const rig = rigOf(required(), ({ id }) => {
      if (id === 'e2') throw new Error('no');
    });

    await rig.handler(batchOf(await deposit('e1', 'acme'), await deposit('e2', 'globex')), lambdaContext());

    expect(rig.emitted).toMatchObject([{ EventsHandled: 1, EventsFailed: 1 }]);
    expect(rig.singles.toSorted()).toStrictEqual(['EventsFailed globex', 'EventsHandled acme']);
  });

  it('keeps its order per tenant: one tenant’s dead letter holds nobody else’s group of the same name', async () => {
    const handled: string[] = [];
    const rig = rigOf(required(), ({ id, tenantid }) => {
      if (tenantid === 'acme') throw new PermanentError('no');
      handled.push(id);
    });

    await rig.handler(
      batchOf(await deposit('a1', 'acme'), await deposit('g1', 'globex'), await deposit('g2', 'globex', 2)),
      lambdaContext(),
    );

    expect(handled).toStrictEqual(['g1', 'g2']);
  });

  it('lets an event without a tenant pass where none is required', async () => {
    const tenancy = createTenancy({ mode: 'none', audit: createRecordingAudit() });
    const seen: unknown[] = [];
    const rig = rigOf(tenancy, () => void seen.push(tenancy.currentTenant()));

    await rig.handler(batchOf(await deposit('e1', undefined), await deposit('e2', 'acme')), lambdaContext());

    expect(seen).toStrictEqual([undefined, 'acme']);
    expect(rig.singles).toStrictEqual([]);
  });
});
