import { DeleteQueueCommand, GetQueueAttributesCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Grant, grantHolders, grantsOf, missedBy, without } from '../fixtures/grants.ts';
import { startTrips, type Trips } from './trips/start-trips.ts';

/** What every consumer has; other runs hold it. */
const OF_EVERY_CONSUMER = [
  'sqs:GetQueueAttributes',
  'sqs:GetQueueUrl',
  'sqs:ChangeMessageVisibility',
  'sqs:SendMessage',
];

describe('a saga of two steps on the local run', () => {
  let trips: Trips;

  beforeAll(async () => {
    trips = await startTrips();
  });

  afterAll(() => trips?.[Symbol.asyncDispose]());

  const transitions = async (tripId: string) =>
    (await trips.reader.history(tripId)).items.map(({ transition, step }) =>
      [transition, step].filter(Boolean).join(' '),
    );

  it('completes, and leaves no schedules', async () => {
    await trips.request({ tripId: 'free', room: 'free' });
    await trips.settle();

    expect(await trips.reader.status('free')).toMatchObject({ status: 'completed', data: { seat: '12A' } });
    expect(await transitions('free')).toStrictEqual(['started', 'step-done seat', 'step-done room']);
    expect(await trips.schedules()).toStrictEqual([]);
  });

  it('is compensated if a step is rejected', async () => {
    await trips.request({ tripId: 'taken', room: 'taken' });
    await trips.settle();

    expect(await trips.reader.status('taken')).toMatchObject({
      status: 'compensated',
      failure: { kind: 'refused', step: 'room' },
    });
    expect(await transitions('taken')).toStrictEqual([
      'started',
      'step-done seat',
      'step-refused room',
      'step-compensated seat',
    ]);
  });

  it('is compensated when the timer of an unanswered step is due, and not before', async () => {
    await trips.request({ tripId: 'asleep', room: 'asleep' });
    await trips.settle();
    const before = [(await trips.reader.status('asleep'))?.status, (await trips.schedules()).length];

    await trips.advance(660);

    expect(before).toStrictEqual(['running', 1]);
    expect(await trips.reader.status('asleep')).toMatchObject({
      status: 'compensated',
      failure: { kind: 'timeout', step: 'room' },
    });
    expect(await transitions('asleep')).toStrictEqual([
      'started',
      'step-done seat',
      'step-given-up room',
      'step-compensated room',
      'step-compensated seat',
    ]);
    expect(await trips.schedules()).toStrictEqual([]);
  });

  it('ignores a timer that comes late', async () => {
    const timer = { saga: 'trips', sagaId: 'free', group: 'trip#free', step: 'seat', kind: 'step', attempt: 1 };
    await trips.sqs.send(
      new SendMessageCommand({
        QueueUrl: trips.output('TimersQueueUrl'),
        MessageBody: JSON.stringify({ ...timer, dueAtSeconds: 1_700_000_000, correlationId: 'late' }),
      }),
    );
    await trips.settle();

    expect((await trips.reader.status('free'))?.revision).toBe(3);
  });

  it('lists instances by their status', async () => {
    expect((await trips.reader.list('compensated')).items.map(({ sagaId }) => sagaId)).toStrictEqual([
      'taken',
      'asleep',
    ]);
    expect((await trips.reader.list('running')).items).toStrictEqual([]);
  });

  it('stops at a compensation that fails permanently, until an operator retries it', async () => {
    await trips.request({ tripId: 'stuck', room: 'taken' });
    await trips.settle();
    await trips.advance(960);
    await trips.advance(960);
    const listed = await trips.waybill('sagas', 'list', 'trips', '--json');
    const shown = await trips.waybill('sagas', 'show', 'trips', 'stuck');

    const retried = await trips.waybill('sagas', 'retry', 'trips', 'stuck');
    await trips.settle();

    expect(trips.unusedRights('sagas')).toStrictEqual([]);
    expect(listed).toMatchObject({ status: 0, err: '' });
    expect(JSON.parse(listed.out)).toMatchObject({
      saga: 'trips',
      sagas: [{ sagaId: 'stuck', status: 'compensation-failed', failure: { kind: 'refused', step: 'room' } }],
      more: false,
    });
    expect(shown.out).toMatch(/^seat +compensation-failed$/m);
    expect(shown.out).toMatch(
      /^5 .* compensation-failed +seat +compensation-failed +waybill\.saga\.trips\.timer-due /m,
    );
    expect(retried.out).toContain("asked 'trips' to try the compensation of 'stuck' again (event ");
    expect((await trips.reader.status('stuck'))?.status).toBe('compensating');
    expect((await transitions('stuck')).at(-1)).toBe('compensation-retried seat');
  });

  it('rejects a retry of a saga that has not failed, and of an unknown saga', async () => {
    expect(await trips.waybill('sagas', 'retry', 'trips', 'free')).toStrictEqual({
      status: 1,
      out: '',
      err: "nothing was done: saga 'trips' of 'free' is completed, only compensation-failed is retried",
    });
    expect((await trips.waybill('sagas', 'show', 'trips', 'nobody')).err).toBe(
      "there is no saga 'trips' of 'nobody': it was never started, or its retention has ended",
    );
    expect(await trips.waybill('sagas', 'list', 'desk')).toMatchObject({
      status: 2,
      err: "consumer 'desk' is no process manager: name a saga, as its declaration does",
    });
    expect(await trips.waybill('sagas', 'retry')).toMatchObject({
      status: 2,
      err: 'sagas retry needs the name of a saga: sagas retry SAGA; sagas retry needs the id of an instance: sagas retry SAGA ID',
    });
  });

  it('keeps timers that cannot be sent to their queue as dead letters', async () => {
    await trips.request({ tripId: 'lost', room: 'asleep' });
    await trips.settle();
    await trips.sqs.send(new DeleteQueueCommand({ QueueUrl: trips.output('TimersQueueUrl') }));

    await trips.advance(660);

    const { Attributes } = await trips.sqs.send(
      new GetQueueAttributesCommand({
        QueueUrl: trips.output('TimersDeadLetterQueueUrl'),
        AttributeNames: ['ApproximateNumberOfMessages'],
      }),
    );
    // the room's of 'lost', and the compensation's of 'stuck'
    expect(Attributes?.ApproximateNumberOfMessages).toBe('2');
  });

  it('has all the grants that it needs, and no unused grants', () => {
    const uses = trips.run.permissions.granted();
    const isSuperfluous = (grant: Grant) => missedBy(grant.holder, without(grant), uses).length === 0;
    const describeGrant = ({ holder, action, resource }: Grant) => `${holder.constructPath}: ${action} on ${resource}`;

    const isOfEveryConsumer = ({ action, resource }: Grant) =>
      OF_EVERY_CONSUMER.includes(action) || (action === 'dynamodb:UpdateItem' && resource.includes('HubInbox'));
    const isHeldElsewhere = (grant: Grant) =>
      grant.action.startsWith('logs:') ||
      // for the heads of several groups in one transaction, which no step of this saga writes
      (grant.action === 'dynamodb:BatchGetItem' && grant.resource.includes('HubOutbox')) ||
      (grant.holder.constructPath.startsWith('Trips/Manager/Consumer/') && isOfEveryConsumer(grant));

    const superfluous = grantHolders(trips.run.deployment)
      .filter(({ constructPath }) => constructPath.startsWith('Trips/Manager/'))
      .flatMap(grantsOf)
      .filter((grant) => !isHeldElsewhere(grant) && isSuperfluous(grant))
      .map(describeGrant);

    expect(trips.run.permissions.refusals()).toStrictEqual([]);
    expect(superfluous).toStrictEqual([]);
  });
});
