import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalApp, type RunLogEntry, startLocalApp } from 'waybill/local';
import { createAwsClients } from '../../local/start/aws-clients.ts';
import { foreignAssembly } from './foreign/foreign-assembly.ts';

let folder: string;
let app: LocalApp;
const entries: RunLogEntry[] = [];

beforeAll(async () => {
  folder = await foreignAssembly();
  app = await startLocalApp({ folder, log: (entry) => entries.push(entry) });
});

afterAll(async () => {
  await app?.[Symbol.asyncDispose]();
});

describe('an app that a test runs', () => {
  it('answers its caller, delivers the event to the consumer, and settles', async () => {
    const answer = await app.invoke('Webshop/Checkout', { accountId: '7' });
    expect(answer).toStrictEqual({ eventId: expect.stringMatching(/^[\w-]{36}$/) });
    await app.settled();

    using clients = createAwsClients(app.endpointUrl, app.region);
    const { AuditedName } = app.outputs('Webshop');
    const { Items } = await clients.dynamoDb.send(new ScanCommand({ TableName: AuditedName }));
    expect(Items).toHaveLength(1);
    expect(entries.filter(({ level }) => level === 'error')).toStrictEqual([]);
  });

  it('keeps what a function logs', () => {
    expect(app.logsOf('Webshop/Audit/Function').length).toBeGreaterThan(0);
  });

  it('reports that a function failed, with its error', async () => {
    await expect(app.invoke('Webshop/Checkout', {})).rejects.toMatchObject({ code: 'LOCAL_INVOCATION_FAILED' });
  });

  it('rejects the name of an unknown function', async () => {
    await expect(app.invoke('Webshop/Chekout')).rejects.toThrow(
      expect.objectContaining({
        code: 'LOCAL_NAME_UNKNOWN',
        message: expect.stringMatching(/^there is no function 'Webshop\/Chekout': did you mean 'Webshop\/Checkout'\? /),
      }),
    );
  });

  it('rejects the name of an unknown stack', () => {
    expect(() => app.outputs('Shop')).toThrow("there is no stack 'Shop': choose from Webshop");
  });
});

it('a local app rejects a folder without an app', async () => {
  await expect(startLocalApp({ folder: import.meta.dirname })).rejects.toMatchObject({ code: 'LOCAL_USAGE' });
});

it.each([
  ['port', 70_000, 'port must be a whole number from 0 to 65535, got 70000'],
  ['seed', 1.5, 'seed must be a whole number from 0 to 4294967295, got 1.5'],
  ['chaosSeed', -1, 'chaosSeed must be a whole number from 0 to 4294967295, got -1'],
])('a local app rejects a %s of %s', async (name, value, message) => {
  await expect(startLocalApp({ folder, [name]: value })).rejects.toThrow(message);
});

it('a local app rejects context for an app that is already synthesized', async () => {
  await expect(startLocalApp({ folder, context: { env: 'dev' } })).rejects.toThrow(
    /^context needs a folder with cdk\.json, and /,
  );
});

it('a local app rejects the exclusion of an unknown resource', async () => {
  await expect(startLocalApp({ folder, without: ['Webshop/Chekout'] })).rejects.toThrow(
    "did you mean 'Webshop/Checkout'?",
  );
});
