import {
  GetFunctionCommand,
  GetFunctionConfigurationCommand,
  InvokeCommand,
  ListFunctionsCommand,
} from '@aws-sdk/client-lambda';
import { describe, expect, it } from 'vitest';
import { createGate } from '../../local/lambda/gate.ts';
import { openLambdaRig } from './lambda-rig.ts';

const ECHO = `export const handler = async (event, context) => {
  if (event.fail) throw new TypeError('no good');
  console.log(JSON.stringify(event));
  return { event, id: context.awsRequestId };
};`;
const textOf = (payload: Uint8Array | undefined): unknown => JSON.parse(Buffer.from(payload ?? []).toString('utf8'));

describe('Lambda over the wire', () => {
  it('invokes a function and answers with its result', async () => {
    await using rig = await openLambdaRig();
    rig.add('echo', ECHO);

    const answer = await rig.lambda.send(new InvokeCommand({ FunctionName: 'echo', Payload: '{"n":"ü"}' }));

    expect(answer).toMatchObject({ StatusCode: 200, ExecutedVersion: '$LATEST' });
    expect(answer.FunctionError).toBeUndefined();
    expect(textOf(answer.Payload)).toMatchObject({ event: { n: 'ü' } });
  });

  it.each(['arn:aws:lambda:eu-west-1:123456789012:function:echo', '123456789012:function:echo', 'echo:$LATEST'])(
    'finds a function by %s',
    async (FunctionName) => {
      await using rig = await openLambdaRig();
      rig.add('echo', ECHO);

      const answer = await rig.lambda.send(new InvokeCommand({ FunctionName }));

      expect(textOf(answer.Payload)).toMatchObject({ event: {} });
    },
  );

  it('marks the error of a handler', async () => {
    await using rig = await openLambdaRig();
    rig.add('echo', ECHO);

    const answer = await rig.lambda.send(new InvokeCommand({ FunctionName: 'echo', Payload: '{"fail":true}' }));

    expect(answer).toMatchObject({ StatusCode: 200, FunctionError: 'Unhandled' });
    expect(textOf(answer.Payload)).toMatchObject({ errorType: 'TypeError', errorMessage: 'no good' });
  });

  it('returns the tail of the log when requested', async () => {
    await using rig = await openLambdaRig();
    rig.add('echo', ECHO);

    const answer = await rig.lambda.send(
      new InvokeCommand({ FunctionName: 'echo', LogType: 'Tail', Payload: '{"n":1}' }),
    );

    expect(Buffer.from(answer.LogResult ?? '', 'base64').toString()).toBe('{"n":1}\n');
  });

  it('accepts an event at once and runs it afterwards', async () => {
    await using rig = await openLambdaRig();
    rig.add('echo', ECHO);

    const answer = await rig.lambda.send(
      new InvokeCommand({ FunctionName: 'echo', InvocationType: 'Event', Payload: '{"n":2}' }),
    );
    const told = await rig.tells(1);

    expect(answer.StatusCode).toBe(202);
    expect(told).toEqual([{ n: 2 }]);
  });

  it('runs nothing for a dry run', async () => {
    await using rig = await openLambdaRig();
    rig.add('echo', ECHO);

    const answer = await rig.lambda.send(new InvokeCommand({ FunctionName: 'echo', InvocationType: 'DryRun' }));

    expect(answer.StatusCode).toBe(204);
    expect(rig.told).toEqual([]);
  });

  it('refuses a function and a version that do not exist', async () => {
    await using rig = await openLambdaRig();
    rig.add('echo', ECHO);

    const unknown = rig.lambda.send(new InvokeCommand({ FunctionName: 'ohce' }));
    await expect(unknown).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'Function not found: arn:aws:lambda:eu-west-1:123456789012:function:ohce',
      $metadata: { httpStatusCode: 404 },
    });
    const version = rig.lambda.send(new InvokeCommand({ FunctionName: 'echo', Qualifier: '7' }));
    await expect(version).rejects.toMatchObject({
      message: 'Function not found: arn:aws:lambda:eu-west-1:123456789012:function:echo:7',
    });
  });

  it('refuses a payload that is not JSON, and one that is too large', async () => {
    await using rig = await openLambdaRig();
    rig.add('echo', ECHO);

    const broken = rig.lambda.send(new InvokeCommand({ FunctionName: 'echo', Payload: '{n:' }));
    await expect(broken).rejects.toMatchObject({ name: 'InvalidRequestContentException' });
    const large = rig.lambda.send(
      new InvokeCommand({ FunctionName: 'echo', Payload: JSON.stringify('x'.repeat(6 * 1024 * 1024)) }),
    );
    await expect(large).rejects.toMatchObject({
      name: 'RequestTooLargeException',
      message: '6291458 byte payload is too large for the RequestResponse invocation type (limit 6291456 bytes)',
    });
  });

  it('throttles beyond the reserved concurrency', async () => {
    await using rig = await openLambdaRig();
    const gate = createGate();
    rig.add('slow', `export const handler = async () => { ${gate.pass} };`, { reservedConcurrency: 1 });
    const underWay = rig.host.invoke('slow', '{}');

    const second = rig.lambda.send(new InvokeCommand({ FunctionName: 'slow' }));

    await expect(second).rejects.toMatchObject({
      name: 'TooManyRequestsException',
      message: 'Rate Exceeded.',
      Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded',
      $metadata: { httpStatusCode: 429 },
    });
    gate.open();
    await underWay;
  });

  it('describes its functions', async () => {
    await using rig = await openLambdaRig();
    rig.add('echo', ECHO, { reservedConcurrency: 3, environment: { TABLE: 'orders' } });

    const found = await rig.lambda.send(new GetFunctionCommand({ FunctionName: 'echo' }));
    const configuration = await rig.lambda.send(new GetFunctionConfigurationCommand({ FunctionName: 'echo' }));
    const listed = await rig.lambda.send(new ListFunctionsCommand({}));

    expect(found.Concurrency).toEqual({ ReservedConcurrentExecutions: 3 });
    expect(configuration).toMatchObject({
      FunctionName: 'echo',
      FunctionArn: 'arn:aws:lambda:eu-west-1:123456789012:function:echo',
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      Timeout: 10,
      MemorySize: 128,
      Environment: { Variables: { TABLE: 'orders' } },
      State: 'Active',
    });
    expect(listed.Functions?.map(({ FunctionName }) => FunctionName)).toEqual(['echo']);
  });

  it('refuses an operation that it does not have', async () => {
    await using rig = await openLambdaRig();

    const refused = await fetch(`${rig.url}/2015-03-31/layers`, {
      headers: { authorization: 'AWS4-HMAC-SHA256 Credential=test/20261120/eu-west-1/lambda/aws4_request, x' },
    });

    expect(refused.status).toBe(404);
    expect(refused.headers.get('x-amzn-errortype')).toBe('UnknownOperationException');
  });
});
