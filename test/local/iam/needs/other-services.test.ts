import { describe, expect, it } from 'vitest';
import { eventBridgeNeeds } from '../../../../local/iam/needs/eventbridge.ts';
import { lambdaNeeds } from '../../../../local/iam/needs/lambda.ts';
import type { Need } from '../../../../local/iam/needs/need.ts';
import { s3Needs } from '../../../../local/iam/needs/s3.ts';
import { schedulerNeeds } from '../../../../local/iam/needs/scheduler.ts';
import { secretsManagerNeeds } from '../../../../local/iam/needs/secrets-manager.ts';
import { sqsNeeds } from '../../../../local/iam/needs/sqs.ts';
import { ssmNeeds } from '../../../../local/iam/needs/ssm.ts';

const PLACE = { region: 'eu-west-1', accountId: '123456789012' };
const AT = 'eu-west-1:123456789012';

const short = ({ action, resource }: Need) => `${action} ${resource.replace(AT, '@')}`;

const rest = (method: string, path: string, body = '') => {
  const { pathname, searchParams } = new URL(path, 'http://127.0.0.1');
  return {
    method,
    path: decodeURIComponent(pathname),
    query: searchParams,
    headers: { host: '127.0.0.1:4566' },
    body: Buffer.from(body),
  };
};

describe('a request to SQS', () => {
  const QueueUrl = 'http://127.0.0.1:4566/123456789012/Billing.fifo';
  const SourceArn = `arn:aws:sqs:${AT}:dlq`;

  it.each([
    ['SendMessage', { QueueUrl }, ['sqs:SendMessage arn:aws:sqs:@:Billing.fifo']],
    ['SendMessageBatch', { QueueUrl }, ['sqs:SendMessage arn:aws:sqs:@:Billing.fifo']],
    ['DeleteMessageBatch', { QueueUrl }, ['sqs:DeleteMessage arn:aws:sqs:@:Billing.fifo']],
    ['ChangeMessageVisibilityBatch', { QueueUrl }, ['sqs:ChangeMessageVisibility arn:aws:sqs:@:Billing.fifo']],
    ['GetQueueAttributes', { QueueUrl }, ['sqs:GetQueueAttributes arn:aws:sqs:@:Billing.fifo']],
    ['GetQueueUrl', { QueueName: 'Billing' }, ['sqs:GetQueueUrl arn:aws:sqs:@:Billing']],
    [
      'GetQueueUrl',
      { QueueName: 'Billing', QueueOwnerAWSAccountId: '999999999999' },
      ['sqs:GetQueueUrl arn:aws:sqs:eu-west-1:999999999999:Billing'],
    ],
    ['CreateQueue', { QueueName: 'New' }, ['sqs:CreateQueue arn:aws:sqs:@:New']],
    ['ListQueues', {}, ['sqs:ListQueues arn:aws:sqs:@:*']],
    ['ListMessageMoveTasks', { SourceArn }, ['sqs:ListMessageMoveTasks arn:aws:sqs:@:dlq']],
    [
      'StartMessageMoveTask',
      { SourceArn, DestinationArn: `arn:aws:sqs:${AT}:other` },
      [
        'sqs:StartMessageMoveTask arn:aws:sqs:@:dlq',
        'sqs:ReceiveMessage arn:aws:sqs:@:dlq',
        'sqs:DeleteMessage arn:aws:sqs:@:dlq',
        'sqs:GetQueueAttributes arn:aws:sqs:@:dlq',
        'sqs:SendMessage arn:aws:sqs:@:other',
      ],
    ],
    ['SendMessage', {}, []],
  ])('%s needs its action on its queue', (operation, input, expected) => {
    expect(sqsNeeds(operation, { ...input }, PLACE).map(short)).toStrictEqual(expected);
  });
});

describe('a request to EventBridge', () => {
  it.each([
    ['PutRule', { Name: 'r', EventBusName: 'shop' }, 'events:PutRule arn:aws:events:@:rule/shop/r'],
    ['PutRule', { Name: 'r' }, 'events:PutRule arn:aws:events:@:rule/r'],
    ['PutTargets', { Rule: 'r', EventBusName: 'shop' }, 'events:PutTargets arn:aws:events:@:rule/shop/r'],
    ['DescribeEventBus', { Name: 'shop' }, 'events:DescribeEventBus arn:aws:events:@:event-bus/shop'],
    ['StartReplay', { ReplayName: 'again' }, 'events:StartReplay arn:aws:events:@:replay/again'],
    ['CreateArchive', { ArchiveName: 'all' }, 'events:CreateArchive arn:aws:events:@:archive/all'],
    ['TagResource', { ResourceARN: 'arn:x' }, 'events:TagResource arn:x'],
    ['ListRules', {}, 'events:ListRules *'],
    ['TestEventPattern', {}, 'events:TestEventPattern *'],
  ])('%s needs its action on the resource that it names', (operation, input, expected) => {
    expect(eventBridgeNeeds(operation, { ...input }, PLACE).map(short)).toStrictEqual([expected]);
  });

  it('to put events needs the grant for each bus, source and detail type once', () => {
    const shop = { EventBusName: 'shop', Source: '/orders', DetailType: 'placed' };
    const Entries = [shop, { ...shop, EventBusName: `arn:aws:events:${AT}:event-bus/shop` }, { Source: 'x' }];

    const needs = eventBridgeNeeds('PutEvents', { Entries }, PLACE);

    expect(needs.map(short)).toStrictEqual([
      'events:PutEvents arn:aws:events:@:event-bus/shop',
      'events:PutEvents arn:aws:events:@:event-bus/default',
    ]);
    expect(needs.map(({ keys }) => [keys?.['events:source']?.(), keys?.['events:detail-type']?.()])).toStrictEqual([
      [['/orders'], ['placed']],
      [['x'], undefined],
    ]);
  });
});

describe('a request to Systems Manager', () => {
  it.each([
    ['GetParameter', { Name: '/shop/settings' }, ['ssm:GetParameter arn:aws:ssm:@:parameter/shop/settings']],
    ['GetParameter', { Name: 'plain:3' }, ['ssm:GetParameter arn:aws:ssm:@:parameter/plain']],
    ['GetParameter', { Name: `arn:aws:ssm:${AT}:parameter/a:2` }, ['ssm:GetParameter arn:aws:ssm:@:parameter/a']],
    [
      'GetParameters',
      { Names: ['/a', '/b'] },
      ['ssm:GetParameters arn:aws:ssm:@:parameter/a', 'ssm:GetParameters arn:aws:ssm:@:parameter/b'],
    ],
    ['GetParametersByPath', { Path: '/shop/' }, ['ssm:GetParametersByPath arn:aws:ssm:@:parameter/shop']],
    ['PutParameter', { Name: '/a' }, ['ssm:PutParameter arn:aws:ssm:@:parameter/a']],
    ['ListTagsForResource', { ResourceId: '/a' }, ['ssm:ListTagsForResource arn:aws:ssm:@:parameter/a']],
    ['DescribeParameters', {}, ['ssm:DescribeParameters arn:aws:ssm:@:*']],
    ['GetParameter', {}, []],
  ])('%s needs its action on each parameter', (operation, input, expected) => {
    expect(ssmNeeds(operation, { ...input }, PLACE).map(short)).toStrictEqual(expected);
  });
});

describe('a request to Lambda', () => {
  const F = '/2015-03-31/functions';
  const M = '/2015-03-31/event-source-mappings';

  it.each([
    ['POST', `${F}/pay/invocations`, 'lambda:InvokeFunction arn:aws:lambda:@:function:pay'],
    ['POST', `${F}/pay/invocations?Qualifier=live`, 'lambda:InvokeFunction arn:aws:lambda:@:function:pay:live'],
    ['POST', `${F}/pay/invocations?Qualifier=$LATEST`, 'lambda:InvokeFunction arn:aws:lambda:@:function:pay'],
    ['POST', `${F}/pay:3/invocations`, 'lambda:InvokeFunction arn:aws:lambda:@:function:pay:3'],
    ['POST', `${F}/123456789012:function:pay/invocations`, 'lambda:InvokeFunction arn:aws:lambda:@:function:pay'],
    [
      'POST',
      `${F}/arn:aws:lambda:${AT}:function:pay/invocations`,
      'lambda:InvokeFunction arn:aws:lambda:@:function:pay',
    ],
    ['GET', `${F}/pay`, 'lambda:GetFunction arn:aws:lambda:@:function:pay'],
    ['GET', `${F}/pay/configuration`, 'lambda:GetFunctionConfiguration arn:aws:lambda:@:function:pay'],
    ['GET', `${F}/`, 'lambda:ListFunctions *'],
    ['GET', `${M}/`, 'lambda:ListEventSourceMappings *'],
    ['GET', `${M}/u-1`, 'lambda:GetEventSourceMapping arn:aws:lambda:@:event-source-mapping:u-1'],
    ['PUT', `${M}/u-1`, 'lambda:UpdateEventSourceMapping arn:aws:lambda:@:event-source-mapping:u-1'],
    ['POST', '/2015-03-31/tags/x', 'lambda:* *'],
  ])('%s %s needs its action', (method, path, expected) => {
    expect(lambdaNeeds(rest(method, path), PLACE).map(short)).toStrictEqual([expected]);
  });
});

describe('a request to S3', () => {
  it.each([
    ['GET', '/', ['s3:ListAllMyBuckets *']],
    ['GET', '/bucket?list-type=2', ['s3:ListBucket arn:aws:s3:::bucket']],
    ['HEAD', '/bucket', ['s3:ListBucket arn:aws:s3:::bucket']],
    ['GET', '/bucket?location', ['s3:GetBucketLocation arn:aws:s3:::bucket']],
    ['PUT', '/bucket', ['s3:CreateBucket arn:aws:s3:::bucket']],
    ['DELETE', '/bucket', ['s3:DeleteBucket arn:aws:s3:::bucket']],
    ['PUT', '/bucket/a/b', ['s3:PutObject arn:aws:s3:::bucket/a/b']],
    ['GET', '/bucket/a', ['s3:GetObject arn:aws:s3:::bucket/a']],
    ['HEAD', '/bucket/a', ['s3:GetObject arn:aws:s3:::bucket/a']],
    ['DELETE', '/bucket/a', ['s3:DeleteObject arn:aws:s3:::bucket/a']],
    ['POST', '/bucket/a', ['s3:* arn:aws:s3:::bucket/a']],
    ['POST', '/bucket', ['s3:* arn:aws:s3:::bucket']],
  ])('%s %s needs its action', (method, path, expected) => {
    expect(s3Needs(rest(method, path)).map(short)).toStrictEqual(expected);
  });

  it('to delete many objects needs the action on each of them', () => {
    const body = '<Delete><Object><Key>a</Key></Object><Object><Key>b&amp;c</Key></Object></Delete>';

    expect(s3Needs(rest('POST', '/bucket?delete', body)).map(short)).toStrictEqual([
      's3:DeleteObject arn:aws:s3:::bucket/a',
      's3:DeleteObject arn:aws:s3:::bucket/b&c',
    ]);
  });
});

describe('a request to the Scheduler', () => {
  const RoleArn = 'arn:aws:iam::123456789012:role/timer';

  it.each([
    ['GET', '/schedules', '', ['scheduler:ListSchedules *']],
    ['GET', '/schedule-groups', '', ['scheduler:ListScheduleGroups *']],
    ['POST', '/schedule-groups/g', '{}', ['scheduler:CreateScheduleGroup arn:aws:scheduler:@:schedule-group/g']],
    ['GET', '/schedules/s', '', ['scheduler:GetSchedule arn:aws:scheduler:@:schedule/default/s']],
    ['DELETE', '/schedules/s?groupName=g', '', ['scheduler:DeleteSchedule arn:aws:scheduler:@:schedule/g/s']],
    [
      'PUT',
      '/schedules/s',
      JSON.stringify({ GroupName: 'g', Target: { RoleArn } }),
      ['scheduler:UpdateSchedule arn:aws:scheduler:@:schedule/g/s', `iam:PassRole ${RoleArn}`],
    ],
    ['POST', '/schedules/s', 'no JSON', ['scheduler:CreateSchedule arn:aws:scheduler:@:schedule/default/s']],
    ['POST', '/tags/x', '', ['scheduler:* *']],
  ])('%s %s needs its action and iam:PassRole', (method, path, body, expected) => {
    expect(schedulerNeeds(rest(method, path, body), PLACE).map(short)).toStrictEqual(expected);
  });

  it('names the service to which a role is passed', () => {
    const [, pass] = schedulerNeeds(rest('POST', '/schedules/s', JSON.stringify({ Target: { RoleArn } })), PLACE);

    expect(pass?.keys?.['iam:passedtoservice']?.()).toStrictEqual(['scheduler.amazonaws.com']);
  });
});

describe('a request to Secrets Manager', () => {
  const arnOf = (reference: string) => (reference === 'a' ? `arn:aws:secretsmanager:${AT}:secret:a-AbCdEf` : undefined);

  it.each([
    ['GetSecretValue', { SecretId: 'a' }, ['secretsmanager:GetSecretValue arn:aws:secretsmanager:@:secret:a-AbCdEf']],
    ['PutSecretValue', { SecretId: 'b/c' }, ['secretsmanager:PutSecretValue arn:aws:secretsmanager:@:secret:b/c']],
    ['ListSecrets', {}, ['secretsmanager:ListSecrets *']],
    ['CreateSecret', { Name: 'b' }, ['secretsmanager:CreateSecret arn:aws:secretsmanager:@:secret:b']],
    [
      'GetSecretValue',
      { SecretId: `arn:aws:secretsmanager:${AT}:secret:b-123456` },
      ['secretsmanager:GetSecretValue arn:aws:secretsmanager:@:secret:b-123456'],
    ],
    ['GetSecretValue', {}, []],
  ])('%s needs its action on the ARN of the secret', (operation, input, expected) => {
    expect(secretsManagerNeeds(operation, { ...input }, PLACE, arnOf).map(short)).toStrictEqual(expected);
  });
});
