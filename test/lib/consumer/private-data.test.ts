import type { StandardSchemaV1 } from '@standard-schema/spec';
import { describe, expect, it } from 'vitest';
import { defineEvent } from '../../../lib/definitions/index.ts';
import { readEvent } from '../../../lib/event/index.ts';
import { Deposited } from '../../fixtures/events.ts';
import { lambdaContext } from '../../fixtures/lambda-context.ts';
import { batchOf, createRig, type DepositHandler, eventOf, messageOf, type RigOptions } from './rig.ts';

const SECRET = 'jane@example.com';

/** All that a consumer leaves behind outside the tables of the handler: lines, metrics, notes and cursors. */
async function tracesOf(onDeposit: DepositHandler, options: RigOptions, bodies: readonly string[]) {
  const rig = createRig(onDeposit, options);
  for (const receiveCount of ['1', '2', '3']) {
    for (const body of bodies) {
      const record = messageOf(body, 'account#7');
      record.attributes.ApproximateReceiveCount = receiveCount;
      await rig.handler(batchOf(record), lambdaContext());
    }
  }
  return JSON.stringify([rig.lines, rig.emitted, rig.notes.all(), rig.store.items('cursors')]);
}

const secretDeposit = async () =>
  JSON.stringify(await eventOf(Deposited, { accountId: '7', amount: 1, owner: SECRET }, { id: 'e1' }));

describe.each(['strict', 'fifo'] as const)(
  'the lines, metrics, notes and cursors of a failing %s consumer',
  (ordering) => {
    it('hold no stored item and no item that was to be put', async () => {
      const rig = createRig(
        (_event, { tx }) =>
          tx.put({
            TableName: 'accounts',
            Item: { accountId: '7', owner: `new ${SECRET}` },
            ConditionExpression: 'attribute_not_exists(accountId)',
          }),
        { ordering },
      );
      await rig.outbox.transact((tx) => tx.put({ TableName: 'accounts', Item: { accountId: '7', owner: SECRET } }));
      for (const receiveCount of ['1', '2', '3']) {
        const record = messageOf(await secretDeposit(), 'account#7');
        record.attributes.ApproximateReceiveCount = receiveCount;
        await rig.handler(batchOf(record), lambdaContext());
      }

      const traces = JSON.stringify([rig.lines, rig.emitted, rig.notes.all(), rig.store.items('cursors')]);
      expect(traces).toContain('OUTBOX_CONDITION_FAILED');
      expect(traces.includes(SECRET)).toBe(false);
    });

    it('hold no members of what a handler throws', async () => {
      const traces = await tracesOf(
        ({ data }) => {
          throw Object.assign(new Error('the gateway refuses', { cause: { request: data } }), { request: data });
        },
        { ordering },
        [await secretDeposit()],
      );

      expect(traces).toContain('the gateway refuses');
      expect(traces.includes(SECRET)).toBe(false);
    });

    it('hold no text of a message that is no event', async () => {
      const traces = await tracesOf(() => undefined, { ordering }, [
        `${SECRET} is no JSON`,
        `{"email": "${SECRET}", oops`,
        JSON.stringify(SECRET),
        JSON.stringify([SECRET]),
        JSON.stringify({ data: SECRET }),
      ]);

      expect(traces).toContain('EVENT_MALFORMED');
      expect(traces.includes(SECRET)).toBe(false);
    });
  },
);

/** Says what it got, as valibot and arktype do. */
const echoing: StandardSchemaV1<{ owner: string }> = {
  '~standard': {
    version: 1,
    vendor: 'echoing',
    validate: (value) => ({
      issues: [
        {
          message: `owner must be a number (was ${JSON.stringify((value as { owner: unknown }).owner)})`,
          path: ['owner'],
        },
        { message: `Invalid type: expected nothing but received ${(value as { owner: string }).owner}`, path: [] },
      ],
    }),
  },
};

it('data that a schema refuses are not repeated, whatever its library says', async () => {
  const Opened = defineEvent({ type: 'com.example.opened', source: '/bank', version: 1, schema: echoing });
  const received = await eventOf(Deposited, { accountId: '7', amount: 1 }, { id: 'e1' });
  const event = {
    ...received,
    type: Opened.type,
    source: Opened.source,
    dataschema: 'urn:waybill:schema:com.example.opened:1',
    data: { owner: SECRET },
  };

  const failure = await readEvent(Opened, event).catch((error: unknown) => error);

  expect(failure).toMatchObject({
    code: 'EVENT_DATA_INVALID',
    message:
      'data of \'com.example.opened\' does not satisfy version 1 of its schema: owner: owner must be a number (was "…"); Invalid type: expected nothing but received …',
  });
});
