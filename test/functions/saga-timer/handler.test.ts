import { Logger } from '@aws-lambda-powertools/logger';
import { describe, expect, it } from 'vitest';
import { createSagaTimerHandler } from '../../../functions/saga-timer/handler.ts';
import { type RunningTimer, writeTimerMessage } from '../../../lib/saga/index.ts';
import { createHarness } from '../../../lib/testing/index.ts';
import { lambdaContext } from '../../fixtures/lambda-context.ts';
import { batchOf, messageOf } from '../../lib/consumer/rig.ts';

const timer: RunningTimer = {
  saga: 'trip',
  sagaId: '7',
  group: 'trip#7',
  step: 'flight',
  kind: 'step',
  attempt: 1,
  dueAtSeconds: 1_800_000_000,
  tenantId: undefined,
  correlationId: 'request-7',
};

function createRig(tenancy: 'none' | 'required' = 'none') {
  const harness = createHarness({ tenancy });
  const logger = new Logger({ serviceName: 'trip-timers', logLevel: 'SILENT' });
  const told: unknown[] = [];
  logger.error = (...line) => void told.push(line);
  const handler = createSagaTimerHandler({ outbox: harness.outbox, logger });
  return {
    harness,
    told,
    handle: (...bodies: string[]) => handler(batchOf(...bodies.map((body) => messageOf(body))), lambdaContext()),
  };
}

describe('the timer function', () => {
  it('publishes a due timer into the group of its saga, with the correlation id of the saga', async () => {
    const { harness, handle } = createRig();

    const response = await handle(writeTimerMessage(timer));

    expect(response).toStrictEqual({ batchItemFailures: [] });
    expect(harness.events()).toMatchObject([
      {
        type: 'waybill.saga.trip.timer-due',
        source: '/sagas/trip',
        partitionkey: 'trip#7',
        correlationid: 'request-7',
        hops: 0,
        data: { sagaId: '7', group: 'trip#7', step: 'flight', kind: 'step', attempt: 1, dueAtSeconds: 1_800_000_000 },
      },
    ]);
  });

  it('publishes in the name of who caused the saga', async () => {
    const { harness, handle } = createRig();

    await handle(writeTimerMessage({ ...timer, principal: { type: 'app_user', id: 'user-7' } }));

    expect(harness.events()).toMatchObject([{ authtype: 'app_user', authid: 'user-7' }]);
  });

  it('publishes for the tenant of the saga', async () => {
    const { harness, handle } = createRig('required');

    await handle(writeTimerMessage({ ...timer, tenantId: 'acme' }));

    expect(harness.events()).toMatchObject([{ tenantid: 'acme', partitionkey: 'tenant:acme:trip#7' }]);
  });

  it('reports only the messages that it cannot publish as failed', async () => {
    const { harness, handle } = createRig();
    const bodies = [
      'no json',
      '[]',
      JSON.stringify({ ...timer, kind: 'alarm' }),
      JSON.stringify({ ...timer, saga: 7 }),
    ];

    const { batchItemFailures } = await handle(...bodies, writeTimerMessage(timer));

    expect(batchItemFailures).toHaveLength(4);
    expect(harness.events()).toHaveLength(1);
  });

  it('logs the saga of a timer that it cannot publish', async () => {
    const { handle, told } = createRig('required');

    await handle(writeTimerMessage({ ...timer, tenantId: 'Acme' }));

    expect(told).toMatchObject([
      [
        'a timer could not be published',
        { tenant_id: 'Acme', saga: 'trip', saga_id: '7', error: { code: 'TENANT_INVALID' } },
      ],
    ]);
  });

  it('reports a timer without a tenant as failed if tenants are required', async () => {
    const { handle } = createRig('required');

    expect((await handle(writeTimerMessage(timer))).batchItemFailures).toHaveLength(1);
  });

  it('logs a message that is not a timer, without its text', async () => {
    const { told, handle } = createRig();

    const { batchItemFailures } = await handle('jane@example.com is no timer');

    expect(batchItemFailures).toHaveLength(1);
    expect(told).toMatchObject([
      [
        'a timer could not be published',
        {
          error: {
            code: 'SAGA_TIMER_MALFORMED',
            message: 'a message of 28 characters is not a saga timer: check what sent it to the timer queue',
          },
        },
      ],
    ]);
    expect(JSON.stringify(told)).not.toContain('jane');
  });
});
