import fc from 'fast-check';

/** A small hub: a table with its stream, a bus, and consumers as Waybill makes them. */
export interface HubPlan {
  readonly table: {
    readonly key: 'id' | 'orderId';
    readonly index: boolean;
    readonly expires: boolean;
    readonly stream: 'KEYS_ONLY' | 'NEW_IMAGE' | undefined;
  };
  readonly consumers: Readonly<Partial<Record<ConsumerId, ConsumerPlan>>>;
  readonly alarm: boolean;
  readonly archiveDays: number | undefined;
}

export type ConsumerId = 'A' | 'B' | 'C';

export interface ConsumerPlan {
  readonly types: readonly string[];
  readonly visibility: number;
  readonly maxReceives: number;
  readonly batchSize: number;
  readonly code: 1 | 2;
  readonly readsTable: boolean;
  readonly keepsQueue: boolean;
}

export const TYPES = ['placed', 'paid', 'shipped'] as const;

const anyConsumer: fc.Arbitrary<ConsumerPlan> = fc.record({
  types: fc.subarray([...TYPES], { minLength: 1 }),
  visibility: fc.constantFrom(30, 60),
  maxReceives: fc.constantFrom(3, 5),
  batchSize: fc.constantFrom(1, 10),
  code: fc.constantFrom(1, 2),
  readsTable: fc.boolean(),
  keepsQueue: fc.boolean(),
});

export const anyHub: fc.Arbitrary<HubPlan> = fc.record({
  table: fc.record({
    key: fc.constantFrom('id', 'orderId'),
    index: fc.boolean(),
    expires: fc.boolean(),
    stream: fc.constantFrom('KEYS_ONLY', 'NEW_IMAGE', undefined),
  }),
  consumers: fc.record({ A: anyConsumer, B: anyConsumer, C: anyConsumer }, { requiredKeys: [] }),
  alarm: fc.boolean(),
  archiveDays: fc.constantFrom(undefined, 1, 7),
});

const of = (Type: string, Properties: object = {}, more: object = {}) => ({ Type, Properties, ...more });
const arnOf = (id: string) => ({ 'Fn::GetAtt': [id, 'Arn'] });
const ROLE = of('AWS::IAM::Role', { AssumeRolePolicyDocument: { Version: '2012-10-17', Statement: [] } });

/** The template of a plan; a relay reads the stream, if there is one. */
export function templateOf({ table, consumers, alarm, archiveDays }: HubPlan) {
  const { key, index, expires, stream } = table;
  const keySchema = (name: string) => [{ AttributeName: name, KeyType: 'HASH' }];
  return {
    Resources: {
      Bus: of('AWS::Events::EventBus', { Name: 'hub' }),
      Table: of('AWS::DynamoDB::Table', {
        KeySchema: keySchema(key),
        AttributeDefinitions: [key, ...(index ? ['status'] : [])].map((AttributeName) => ({
          AttributeName,
          AttributeType: 'S',
        })),
        ...(index
          ? {
              GlobalSecondaryIndexes: [
                { IndexName: 'byStatus', KeySchema: keySchema('status'), Projection: { ProjectionType: 'ALL' } },
              ],
            }
          : {}),
        ...(expires ? { TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true } } : {}),
        ...(stream === undefined ? {} : { StreamSpecification: { StreamViewType: stream } }),
      }),
      ...(stream === undefined
        ? {}
        : {
            RelayRole: ROLE,
            Relay: functionOf('RelayRole', 1, { BUS: { Ref: 'Bus' }, TABLE: { Ref: 'Table' } }),
            RelayMapping: of('AWS::Lambda::EventSourceMapping', {
              EventSourceArn: { 'Fn::GetAtt': ['Table', 'StreamArn'] },
              FunctionName: { Ref: 'Relay' },
              StartingPosition: 'TRIM_HORIZON',
            }),
          }),
      ...(alarm ? { Alarm: of('AWS::CloudWatch::Alarm', { MetricName: 'Failures', Namespace: 'Waybill' }) } : {}),
      ...(archiveDays === undefined
        ? {}
        : { Archive: of('AWS::Events::Archive', { SourceArn: arnOf('Bus'), RetentionDays: archiveDays }) }),
      ...Object.assign({}, ...Object.entries(consumers).map(([id, plan]) => consumerOf(id, plan))),
    },
  };
}

const functionOf = (roleId: string, code: 1 | 2, Variables: object, more: object = {}) =>
  of(
    'AWS::Lambda::Function',
    {
      Code: { S3Bucket: 'assets', S3Key: `${code}.zip` },
      Handler: 'index.handler',
      Role: arnOf(roleId),
      Runtime: 'nodejs24.x',
      Description: `code ${code}`,
      Environment: { Variables: { ...Variables, CODE: String(code) } },
    },
    more,
  );

function consumerOf(id: string, plan: ConsumerPlan) {
  const statement = (Action: string, Resource: object) => ({ Effect: 'Allow', Action, Resource });
  return {
    [`${id}Dead`]: of('AWS::SQS::Queue'),
    [`${id}Queue`]: of(
      'AWS::SQS::Queue',
      {
        VisibilityTimeout: plan.visibility,
        RedrivePolicy: { deadLetterTargetArn: arnOf(`${id}Dead`), maxReceiveCount: plan.maxReceives },
      },
      plan.keepsQueue ? { DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' } : {},
    ),
    [`${id}QueuePolicy`]: of('AWS::SQS::QueuePolicy', {
      Queues: [{ Ref: `${id}Queue` }],
      PolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          {
            ...statement('sqs:SendMessage', arnOf(`${id}Queue`)),
            Principal: { Service: 'events.amazonaws.com' },
          },
        ],
      },
    }),
    [`${id}Role`]: ROLE,
    [`${id}Policy`]: of('AWS::IAM::Policy', {
      PolicyName: `${id}Policy`,
      Roles: [{ Ref: `${id}Role` }],
      PolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          statement('sqs:ReceiveMessage', arnOf(`${id}Queue`)),
          ...(plan.readsTable ? [statement('dynamodb:GetItem', arnOf('Table'))] : []),
        ],
      },
    }),
    [`${id}`]: functionOf(`${id}Role`, plan.code, plan.readsTable ? { TABLE: { Ref: 'Table' } } : {}, {
      DependsOn: [`${id}Policy`],
    }),
    [`${id}Mapping`]: of('AWS::Lambda::EventSourceMapping', {
      EventSourceArn: arnOf(`${id}Queue`),
      FunctionName: { Ref: id },
      BatchSize: plan.batchSize,
    }),
    [`${id}Rule`]: of(
      'AWS::Events::Rule',
      {
        EventBusName: { Ref: 'Bus' },
        EventPattern: { 'detail-type': plan.types },
        Targets: [{ Id: 'Queue', Arn: arnOf(`${id}Queue`), InputPath: '$.detail' }],
      },
      { DependsOn: [`${id}QueuePolicy`, `${id}Mapping`] },
    ),
  };
}
