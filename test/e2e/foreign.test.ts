import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { driveTime } from '../../local/drive-time.ts';
import { type LocalRun, startLocalRun } from '../../local/run.ts';
import { foreignAssembly } from './foreign/foreign-assembly.ts';

let run: LocalRun;

beforeAll(async () => {
  run = await startLocalRun({ assemblyFolder: await foreignAssembly(), log: () => {} });
});

afterAll(async () => {
  await run?.close();
});

describe('an app that existed before its hub', () => {
  it('publishes from its own function, bundled with the defaults of CDK, and the event arrives', async () => {
    const options = { endpoint: run.endpointUrl, region: run.region };
    const credentials = { accessKeyId: 'me', secretAccessKey: 'me' };
    const lambda = new LambdaClient({ ...options, credentials });
    const dynamoDb = new DynamoDBClient({ ...options, credentials });
    const outputs = run.deployment.outputs.get('Webshop');

    const { Payload, FunctionError } = await lambda.send(
      new InvokeCommand({ FunctionName: outputs?.get('CheckoutName'), Payload: '{"accountId":"7"}' }),
    );
    const answer: { readonly eventId: string } = JSON.parse(Buffer.from(Payload ?? []).toString());
    expect([FunctionError, answer]).toStrictEqual([undefined, { eventId: expect.stringMatching(/^[\w-]{36}$/) }]);
    await driveTime(run);

    const { Items } = await dynamoDb.send(new ScanCommand({ TableName: outputs?.get('AuditedName') }));
    expect(Items).toStrictEqual([{ id: { S: `audited#${answer.eventId}` } }]);
    expect(run.permissions.refusals()).toStrictEqual([]);
  });
});
