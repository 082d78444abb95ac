import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SQSClient } from '@aws-sdk/client-sqs';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from '../../cli/run-command.ts';
import { type Bank, bankAssembly, startBank } from './bank/start-bank.ts';

const A_MINUTE_MS = 61_000;

let bank: Bank;

beforeAll(async () => {
  bank = await startBank();
});

afterAll(() => bank.close());

const optionsOf = ({ run }: Bank) => ({
  endpoint: run.endpointUrl,
  region: run.region,
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
});

/** Changes settings as the terminal would, and lets the minute pass after which functions know it. */
async function tune(...args: readonly string[]): Promise<void> {
  const options = optionsOf(bank);
  const notes: string[] = [];
  using clients = new DisposableStack();
  const opened = <Client extends { destroy(): void }>(client: Client) => clients.adopt(client, () => client.destroy());
  const status = await runCommand(['settings', ...args], {
    openClients: () => ({
      dynamoDb: opened(new DynamoDBClient(options)),
      sqs: opened(new SQSClient(options)),
      lambda: opened(new LambdaClient(options)),
      ssm: () => opened(new SSMClient(options)),
    }),
    clock: bank.run.clock,
    sleep: async () => undefined,
    console: {
      isTerminal: false,
      line: () => undefined,
      note: (text) => void notes.push(text),
      progress: () => undefined,
      confirm: async () => undefined,
    },
    operator: 'ann@desk',
  });
  expect({ status, notes }).toStrictEqual({ status: 0, notes: [] });
  bank.run.clock.advance(A_MINUTE_MS);
}

const levelsSince = (start: number): ReadonlySet<string> =>
  new Set(bank.logLines.slice(start).flatMap((line) => /"level":"(\w+)"/.exec(line)?.[1] ?? []));

describe('settings of a running consumer', () => {
  it('apply without a deployment, and return to the deployed values after they are unset', async () => {
    const failing = { accountId: 'tuned', behaviour: 'fail-until-mended' } as const;
    const [asDeployed = ''] = await bank.publish({ ...failing, accountId: 'deployed' });
    await bank.settle();

    await tune('set', 'maxAttempts=1', 'logLevel=ERROR', '--consumer', 'accounts');
    const from = bank.logLines.length;
    const [once = ''] = await bank.publish(failing);
    await bank.settle();

    expect(await bank.attempts(asDeployed)).toBe(3);
    expect(await bank.attempts(once)).toBe(1);
    const { arn = '' } = bank.queue('accounts', 'DeadLetterQueue');
    expect(bank.run.sqs.peek(arn)).toHaveLength(2);
    expect(bank.logLines.slice(from).join('\n')).toContain('the event goes to the dead-letter queue');
    expect([...levelsSince(from)]).not.toContain('WARN');

    await tune('unset', 'maxAttempts', 'logLevel', '--consumer', 'accounts');
    const [again = ''] = await bank.publish({ ...failing, accountId: 'untuned' });
    await bank.settle();

    expect(await bank.attempts(again)).toBe(3);
    const ssm = new SSMClient(optionsOf(bank));
    const { Parameter } = await ssm.send(new GetParameterCommand({ Name: '/waybill/default/settings' }));
    expect(Parameter).toMatchObject({ Value: '{}', Version: 2 });
    ssm.destroy();
  });

  it('survive a deployment that brings other values', async () => {
    await tune('set', 'maxAttempts=1', '--consumer', 'accounts');
    const next = await bankAssembly({ 'setting:maxReceiveCount': '5', 'setting:logLevel': 'WARN' });

    const { updated } = await bank.run.update(next);
    const [once = ''] = await bank.publish({ accountId: 'redeployed', behaviour: 'fail-until-mended' });
    await bank.settle();

    expect(updated).not.toHaveLength(0);
    expect(await bank.attempts(once)).toBe(1);
  });
});
