import { EventBridgeClient, PutEventsCommand, type PutEventsCommandOutput } from '@aws-sdk/client-eventbridge';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { BusEntry } from '../../../../lib/outbox/event-record.ts';
import { createEventBridgePublisher } from '../../../../lib/outbox/relay/eventbridge-publisher.ts';
import type { EpochMs } from '../../../../lib/shared/time.ts';
import { AwsError } from '../../../../local/endpoint/aws-error.ts';
import { startOwnEventBridge } from '../../../contracts/engines/eventbridge-rig.ts';

const NEVER = new AbortController().signal;

const entry: BusEntry = {
  source: '/orders',
  detailType: 'com.example.order.placed',
  detail: '{"id":"1"}',
  time: 1_700_000_000_123 as EpochMs,
};

describe('createEventBridgePublisher', () => {
  const client = new EventBridgeClient({ region: 'eu-west-1' });
  const bridge = mockClient(client);
  beforeEach(() => bridge.reset());

  const publisher = createEventBridgePublisher({ client, busName: 'hub' });
  const answerWith = (output: Omit<PutEventsCommandOutput, '$metadata'>) =>
    bridge.on(PutEventsCommand).resolves({ $metadata: {}, ...output });
  const failWith = (name: string, message = 'forced') =>
    bridge.on(PutEventsCommand).rejects(Object.assign(new Error(message), { name }));

  it('sends bus, source, type, detail and time of every entry', async () => {
    answerWith({ Entries: [{ EventId: 'e-1' }] });

    await publisher.publish([entry], NEVER);

    expect(bridge.commandCalls(PutEventsCommand)[0]?.args[0].input).toEqual({
      Entries: [
        {
          EventBusName: 'hub',
          Source: '/orders',
          DetailType: 'com.example.order.placed',
          Detail: '{"id":"1"}',
          Time: new Date('2023-11-14T22:13:20.123Z'),
        },
      ],
    });
  });

  it.each([
    ['retryable', 'ThrottlingException'],
    ['retryable', 'InternalFailure'],
    ['retryable', 'SomethingNewException'],
    ['misconfigured', 'AccessDeniedException'],
    ['misconfigured', 'InvalidAccountIdException'],
    ['refused', 'InvalidArgument'],
    ['refused', 'MalformedDetail'],
    ['refused', 'RedactionFailure'],
    ['refused', 'NotAuthorizedForSourceException'],
    ['refused', 'NotAuthorizedForDetailTypeException'],
  ])('reports as %s an entry that failed with %s, and the others as accepted', async (status, code) => {
    answerWith({ FailedEntryCount: 1, Entries: [{ EventId: 'e-1' }, { ErrorCode: code, ErrorMessage: 'why' }] });

    const answer = await publisher.publish([entry, entry], NEVER);

    expect(answer).toEqual({
      status: 'answered',
      results: [
        { status: 'accepted', eventId: 'e-1' },
        { status, failure: { code, message: 'why' } },
      ],
    });
  });

  it('reports an entry with neither an id nor an error as failed', async () => {
    answerWith({ FailedEntryCount: 0, Entries: [{}] });

    const answer = await publisher.publish([entry], NEVER);

    expect(answer).toEqual({
      status: 'answered',
      results: [
        {
          status: 'retryable',
          failure: { code: 'NO_RESULT', message: 'PutEvents returned neither an event id nor an error' },
        },
      ],
    });
  });

  it('reports an entry with both an id and an error as failed', async () => {
    answerWith({ FailedEntryCount: 1, Entries: [{ EventId: 'e-1', ErrorCode: 'InternalFailure' }] });

    const answer = await publisher.publish([entry], NEVER);

    expect(answer).toMatchObject({
      results: [{ status: 'retryable', failure: { code: 'InternalFailure', message: 'AWS returned no message' } }],
    });
  });

  it.each([
    [[{ EventId: 'e-1' }], 1],
    [[{ EventId: 'e-1' }, { EventId: 'e-2' }, { EventId: 'e-3' }], 3],
    [undefined, 0],
  ])('accepts no entry if the response has another length: %o', async (Entries, count) => {
    answerWith({ Entries });

    const answer = await publisher.publish([entry, entry], NEVER);

    const failure = { code: 'RESULTS_MISMATCH', message: `PutEvents returned ${count} results for 2 entries` };
    expect(answer).toEqual({
      status: 'answered',
      results: [
        { status: 'retryable', failure },
        { status: 'retryable', failure },
      ],
    });
  });

  it.each([
    ['retryable', 'ThrottlingException'],
    ['retryable', 'InternalException'],
    ['retryable', 'TimeoutError'],
    ['retryable', 'AbortError'],
    ['retryable', 'ExpiredTokenException'],
    ['misconfigured', 'AccessDeniedException'],
  ])('reports every entry as %s when the call fails with %s', async (status, code) => {
    failWith(code);

    const answer = await publisher.publish([entry, entry], NEVER);

    const failure = { code, message: 'forced' };
    expect(answer).toEqual({
      status: 'answered',
      results: [
        { status, failure },
        { status, failure },
      ],
    });
  });

  it('reports a validation error of the request without the event that its message may contain', async () => {
    failWith(
      'ValidationException',
      `1 validation error detected: Value '[PutEventsRequestEntry(detail=${"it's secret ".repeat(100)})]' at 'entries' failed to satisfy constraint: Member must have length less than or equal to 10`,
    );

    const answer = await publisher.publish([entry], NEVER);

    expect(answer).toStrictEqual({
      status: 'request-refused',
      failure: {
        code: 'ValidationException',
        message:
          "1 validation error detected: Value '…' at 'entries' failed to satisfy constraint: Member must have length less than or equal to 10",
      },
    });
  });

  it('keeps 500 bytes of an error message of the bus', async () => {
    failWith('InternalException', 'x'.repeat(9_000));

    const answer = await publisher.publish([entry], NEVER);

    const [result] = answer.status === 'answered' ? answer.results : [];
    expect(result?.status === 'retryable' && result.failure.message).toBe(`${'x'.repeat(497)}…`);
  });

  it('accepts the ARN of a bus', () => {
    const busName = 'arn:aws:events:eu-west-1:123456789012:event-bus/hub';

    expect(() => createEventBridgePublisher({ client, busName })).not.toThrow();
  });

  it.each([[''], ['the hub'], ['arn:aws:sqs:eu-west-1:123456789012:hub']])('refuses %o as a bus', (busName) => {
    expect(() => createEventBridgePublisher({ client, busName })).toThrow(
      expect.objectContaining({
        code: 'RELAY_MISCONFIGURED',
        message: `the bus must be a name of letters, digits, '/', '.', '-', '_', or the ARN of a bus, got '${busName}'`,
      }),
    );
  });
});

describe('createEventBridgePublisher over the wire', () => {
  async function open() {
    const rig = await startOwnEventBridge();
    onTestFinished(() => rig[Symbol.asyncDispose]());
    return { rig, publisher: createEventBridgePublisher({ client: rig.client, busName: 'default' }) };
  }

  it.each([
    ['retryable', 'ThrottlingException', 400],
    ['retryable', 'InternalFailure', 500],
    ['misconfigured', 'AccessDeniedException', 400],
  ])('reports every entry as %s when EventBridge answers %s with status %i', async (status, code, statusCode) => {
    const { rig, publisher } = await open();
    rig.faults.onPutEvents = () => new AwsError(code, 'forced', { statusCode });

    const answer = await publisher.publish([entry], NEVER);

    expect(answer).toEqual({ status: 'answered', results: [{ status, failure: { code, message: 'forced' } }] });
  });

  it('reports a failed entry and publishes the others', async () => {
    const { rig, publisher } = await open();
    let first = true;
    rig.faults.onPutEventsEntry = () => {
      const fails = first;
      first = false;
      return fails ? { ErrorCode: 'ThrottlingException', ErrorMessage: 'Rate exceeded' } : undefined;
    };

    const answer = await publisher.publish([entry, entry], NEVER);

    expect(answer).toMatchObject({
      results: [
        { status: 'retryable', failure: { code: 'ThrottlingException', message: 'Rate exceeded' } },
        { status: 'accepted' },
      ],
    });
  });

  it('stops when the signal aborts', async () => {
    const { publisher } = await open();

    const answer = await publisher.publish([entry], AbortSignal.abort());

    expect(answer).toMatchObject({ results: [{ status: 'retryable', failure: { code: 'AbortError' } }] });
  });

  it('reports every entry as retryable if the connection is refused', async () => {
    const rig = await startOwnEventBridge();
    const publisher = createEventBridgePublisher({ client: rig.client, busName: 'default' });
    await rig[Symbol.asyncDispose]();

    const answer = await publisher.publish([entry], NEVER);

    expect(answer).toMatchObject({ results: [{ status: 'retryable' }] });
  });
});
