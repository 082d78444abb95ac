import { describe, expect, it } from 'vitest';
import { readCommandLine } from '../../cli/command-line.ts';
import { COMMANDS } from '../../cli/commands/index.ts';
import { accountOf, policyOf, type RightOn, resourcesOf } from '../../cli/rights.ts';
import { readDeployment } from '../../lib/operations/index.ts';
import { createOperation } from './operation-under-test.ts';

const deployment = readDeployment([
  {
    functionName: 'billing-function',
    variables: {
      POWERTOOLS_SERVICE_NAME: 'billing',
      WAYBILL_ENVIRONMENT_NAME: 'prod',
      WAYBILL_ORDERING: 'strict',
      WAYBILL_START_FROM: 'horizon',
      WAYBILL_EVENT_TYPES: 'a',
      WAYBILL_QUEUE_URL: 'https://sqs.eu-west-1.amazonaws.com/123456789012/billing.fifo',
      WAYBILL_DEAD_LETTER_QUEUE_URL: 'https://sqs.eu-west-1.amazonaws.com/123456789012/billing-dead.fifo',
      WAYBILL_INBOX_TABLE_NAME: 'inbox',
      WAYBILL_INBOX_EXPIRY_SECONDS: '60',
      WAYBILL_OUTBOX_TABLE_NAME: 'outbox',
      WAYBILL_PENDING_TABLE_NAME: 'pending',
      WAYBILL_CURSORS_TABLE_NAME: 'cursors',
      WAYBILL_OUTBOX_RETENTION_SECONDS: '60',
      WAYBILL_SETTINGS_PARAMETER_NAME: '/waybill/prod/settings',
    },
  },
  { functionName: 'rebuild-function', variables: { WAYBILL_ENVIRONMENT_NAME: 'prod', WAYBILL_REBUILDS: 'view' } },
]);

const arnsIn = (region: string) => resourcesOf(deployment, { region, accountId: accountOf(deployment) });

describe('the ARNs of an environment', () => {
  it.each<[RightOn, readonly string[]]>([
    ['functions', ['*']],
    ['rebuild-functions', ['arn:aws:lambda:eu-west-1:123456789012:function:rebuild-function']],
    ['inbox', ['arn:aws:dynamodb:eu-west-1:123456789012:table/inbox']],
    ['cursors-indexes', ['arn:aws:dynamodb:eu-west-1:123456789012:table/cursors/index/*']],
    ['queues', ['arn:aws:sqs:eu-west-1:123456789012:billing.fifo']],
    ['undeliverable-queues', []],
    ['settings-parameter', ['arn:aws:ssm:eu-west-1:123456789012:parameter/waybill/prod/settings']],
    ['sagas', []],
  ])('of %s are %j', (on, arns) => {
    expect(arnsIn('eu-west-1')(on)).toStrictEqual(arns);
  });

  it('have the partition of their region', () => {
    expect(arnsIn('cn-north-1')('outbox')).toStrictEqual(['arn:aws-cn:dynamodb:cn-north-1:123456789012:table/outbox']);
    expect(arnsIn('us-gov-west-1')('pending')).toStrictEqual([
      'arn:aws-us-gov:dynamodb:us-gov-west-1:123456789012:table/pending',
    ]);
  });
});

describe('policyOf', () => {
  it('joins the actions on one kind of resource, and leaves out what the environment does not have', () => {
    const policy = policyOf(
      [
        { on: 'inbox', actions: ['dynamodb:PutItem', 'dynamodb:GetItem'] },
        { on: 'inbox', actions: ['dynamodb:GetItem'] },
        { on: 'sagas', actions: ['dynamodb:GetItem'] },
      ],
      arnsIn('eu-west-1'),
    );

    expect(policy).toStrictEqual({
      Version: '2012-10-17',
      Statement: [
        { Sid: 'Functions', Effect: 'Allow', Action: ['lambda:ListFunctions'], Resource: ['*'] },
        {
          Sid: 'Inbox',
          Effect: 'Allow',
          Action: ['dynamodb:GetItem', 'dynamodb:PutItem'],
          Resource: ['arn:aws:dynamodb:eu-west-1:123456789012:table/inbox'],
        },
      ],
    });
  });
});

describe('waybill iam', () => {
  const run = async (line: string) => {
    const under = createOperation();
    const command = readCommandLine(line.split(' '));
    if (command.kind !== 'action') throw new Error(`'${line}' is no action`);
    await command.action.run(under.operation);
    return { policy: JSON.parse(under.out.join('\n')), notes: under.notes };
  };

  it('prints the policy of some commands', async () => {
    const { policy } = await run('iam held fill');

    expect(policy.Statement.map(({ Sid }: { Sid: string }) => Sid)).toStrictEqual([
      'Functions',
      'Outbox',
      'Inbox',
      'CursorsIndexes',
    ]);
  });

  it('prints with --read-only the policy of those that change nothing, and names the others', async () => {
    const { policy, notes } = await run('iam held skip where --read-only');

    expect(JSON.stringify(policy)).not.toMatch(/Put|Send|Update|Delete/);
    expect(notes).toStrictEqual(['without skip, which may change something']);
  });

  it('refuses what is no command', () => {
    expect(() => readCommandLine(['iam', 'hold'])).toThrow(
      /iam needs names of commands, got 'hold': did you mean held\? /,
    );
  });

  it('covers every command of the operator', async () => {
    const { policy } = await run('iam');

    expect(COMMANDS.filter(({ name, rights }) => rights.length === 0 && name !== 'iam')).toStrictEqual([]);
    expect(policy.Statement.map(({ Sid }: { Sid: string }) => Sid)).toContain('SettingsParameter');
  });
});
