import {
  GetAliasCommand,
  GetEventSourceMappingCommand,
  GetFunctionConfigurationCommand,
  InvokeCommand,
  ListAliasesCommand,
  ListVersionsByFunctionCommand,
} from '@aws-sdk/client-lambda';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import { createGate } from '../../local/lambda/gate.ts';
import { openLambdaRig } from './lambda-rig.ts';

const ARN = 'arn:aws:lambda:eu-west-1:123456789012:function:echo';

/** Tells under which name it was invoked. */
const ECHO = `export const handler = async (event, context) => {
  const told = [process.env.AWS_LAMBDA_FUNCTION_VERSION, context.functionVersion, context.invokedFunctionArn];
  console.log(JSON.stringify(told));
  return told;
};`;

const textOf = (payload: Uint8Array | undefined): unknown => JSON.parse(Buffer.from(payload ?? []).toString('utf8'));

/** `echo` with two versions, and the alias `live`. */
async function openWithAlias(weights: Readonly<Record<string, number>> = {}) {
  const rig = await openLambdaRig();
  rig.add('echo', ECHO);
  rig.host.publishVersion('echo');
  rig.host.publishVersion('echo');
  rig.host.createAlias('echo', { name: 'live', version: '2', weights });
  return rig;
}

describe('versions and aliases of a function', () => {
  it.each([
    ['echo', undefined, '$LATEST', ARN],
    ['echo', '$LATEST', '$LATEST', ARN],
    ['echo:1', undefined, '1', `${ARN}:1`],
    [`${ARN}:2`, undefined, '2', `${ARN}:2`],
    ['echo', 'live', '2', `${ARN}:live`],
    [`${ARN}:live`, undefined, '2', `${ARN}:live`],
  ])('are invoked by %s and qualifier %s', async (FunctionName, Qualifier, version, invokedArn) => {
    await using rig = await openWithAlias();

    const answer = await rig.lambda.send(new InvokeCommand({ FunctionName, Qualifier }));

    expect(answer.ExecutedVersion).toBe(version);
    expect(textOf(answer.Payload)).toEqual([version, version, invokedArn]);
  });

  it('share the invocations of an alias by its weights', async () => {
    await using half = await openWithAlias({ 1: 0.6 });
    await using few = await openWithAlias({ 1: 0.4 });

    // the rig draws 0.5 every time
    const toOther = await half.lambda.send(new InvokeCommand({ FunctionName: 'echo:live' }));
    const toMain = await few.lambda.send(new InvokeCommand({ FunctionName: 'echo:live' }));

    expect(toOther.ExecutedVersion).toBe('1');
    expect(toMain.ExecutedVersion).toBe('2');
  });

  it('are described and listed', async () => {
    await using rig = await openWithAlias({ 1: 0.25 });

    const configuration = await rig.lambda.send(
      new GetFunctionConfigurationCommand({ FunctionName: 'echo', Qualifier: '1' }),
    );
    const alias = await rig.lambda.send(new GetAliasCommand({ FunctionName: 'echo', Name: 'live' }));
    const aliases = await rig.lambda.send(new ListAliasesCommand({ FunctionName: 'echo' }));
    const versions = await rig.lambda.send(new ListVersionsByFunctionCommand({ FunctionName: 'echo' }));

    expect(configuration).toMatchObject({ FunctionArn: `${ARN}:1`, Version: '1' });
    expect(alias).toMatchObject({
      AliasArn: `${ARN}:live`,
      Name: 'live',
      FunctionVersion: '2',
      RoutingConfig: { AdditionalVersionWeights: { 1: 0.25 } },
    });
    expect(aliases.Aliases?.map(({ Name }) => Name)).toEqual(['live']);
    expect(versions.Versions?.map(({ FunctionArn }) => FunctionArn)).toEqual([
      `${ARN}:$LATEST`,
      `${ARN}:1`,
      `${ARN}:2`,
    ]);
  });

  it('refuse a version or an alias that does not exist', async () => {
    await using rig = await openWithAlias();

    const invoked = rig.lambda.send(new InvokeCommand({ FunctionName: 'echo', Qualifier: 'beta' }));
    await expect(invoked).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: `Function not found: ${ARN}:beta`,
    });
    const alias = rig.lambda.send(new GetAliasCommand({ FunctionName: 'echo', Name: 'beta' }));
    await expect(alias).rejects.toMatchObject({ message: `Cannot find alias arn: ${ARN}:beta` });
    expect(() => rig.host.createAlias('echo', { name: 'next', version: '3', weights: {} })).toThrow(
      `Function not found: ${ARN}:3`,
    );
  });

  it('refuse an alias that is a number, exists already or has weights over 100 %', async () => {
    await using rig = await openWithAlias();
    const create = (name: string, weights = {}) => rig.host.createAlias('echo', { name, version: '2', weights });

    expect(() => create('7')).toThrow("alias '7' has no name");
    expect(() => create('live')).toThrow(`Alias already exists: ${ARN}:live`);
    expect(() => create('next', { 1: 1.5 })).toThrow("the weights of alias 'next' are 1.5, allowed are 0 to 1 in all");
  });

  it('are invoked by mappings that name them', async () => {
    await using rig = await openWithAlias();
    const queue = await rig.queue('work');
    const { uuid } = await rig.map(queue.arn, 'echo', { qualifier: 'live' });

    await rig.sqs.send(new SendMessageCommand({ QueueUrl: queue.url, MessageBody: 'x' }));

    expect(await rig.tells(1)).toEqual([['2', '2', `${ARN}:live`]]);

    const mapping = await rig.lambda.send(new GetEventSourceMappingCommand({ UUID: uuid }));
    expect(mapping.FunctionArn).toBe(`${ARN}:live`);
    // the unpublished code and the alias may read the same queue
    await expect(rig.map(queue.arn, 'echo')).resolves.toMatchObject({ uuid: expect.any(String) });
    await expect(rig.map(queue.arn, 'echo', { qualifier: 'live' })).rejects.toMatchObject({
      code: 'ResourceConflictException',
    });
  });

  it('share the reserved concurrency of the function', async () => {
    await using rig = await openLambdaRig();
    const gate = createGate();
    rig.add('slow', `export const handler = async () => { ${gate.pass} };`, { reservedConcurrency: 1 });
    rig.host.publishVersion('slow');
    const underWay = rig.host.invoke('slow', '{}');

    const second = rig.lambda.send(new InvokeCommand({ FunctionName: 'slow:1' }));

    await expect(second).rejects.toMatchObject({ name: 'TooManyRequestsException' });
    gate.open();
    await underWay;
  });
});
