import { ENV } from '../lib/definitions/index.ts';
import type { Deployment } from '../lib/operations/index.ts';
import { SYNC_TABLE_NAME } from '../lib/sync/table.ts';

/** What a right is for, of one environment. */
export type RightOn =
  | 'functions'
  | 'consumers'
  | 'event-source-mappings'
  | 'rules'
  | 'rebuild-functions'
  | 'outbox'
  | 'outbox-indexes'
  /** The outbox, if an event cannot be found by an index. */
  | 'unindexed-outbox'
  | 'pending'
  | 'inbox'
  | 'inbox-indexes'
  | 'cursors'
  | 'cursors-indexes'
  | 'operator'
  | 'sagas'
  | 'sagas-indexes'
  | 'syncs'
  | 'syncs-indexes'
  | 'queues'
  | 'dead-letter-queues'
  | 'undeliverable-queues'
  | 'settings-parameter';

/** Actions that a command calls on one kind of resource. */
export interface Right {
  readonly on: RightOn;
  /** `dynamodb:GetItem` */
  readonly actions: readonly string[];
}

/** Where the environment is deployed. */
export interface Place {
  readonly region: string;
  readonly accountId: string;
}

/** An identity-based policy. @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html */
export interface PolicyDocument {
  readonly Version: '2012-10-17';
  readonly Statement: readonly {
    readonly Sid: string;
    readonly Effect: 'Allow';
    readonly Action: readonly string[];
    readonly Resource: readonly string[];
  }[];
}

/** Every command finds the consumers by the functions' variables; the action knows no resources. */
const LISTS_FUNCTIONS: Right = { on: 'functions', actions: ['lambda:ListFunctions'] };

/** What starts so changes nothing. */
const READING = /:(Get|BatchGet|List|Query|Scan|Describe)/;

export const isReading = ({ actions }: Right): boolean => actions.every((action) => READING.test(action));

/**
 * The policy that allows these rights and nothing else.
 * @param resources the ARNs of each kind; a right on a kind without any is left out
 */
export function policyOf(rights: readonly Right[], resources: (on: RightOn) => readonly string[]): PolicyDocument {
  const actions = new Map<RightOn, Set<string>>();
  for (const right of [LISTS_FUNCTIONS, ...rights]) {
    const known = actions.get(right.on) ?? new Set();
    for (const action of right.actions) known.add(action);
    actions.set(right.on, known);
  }
  const statements = [...actions].map(([on, names]) => ({
    Sid: sidOf(on),
    Effect: 'Allow' as const,
    Action: [...names].toSorted(),
    Resource: resources(on),
  }));
  return { Version: '2012-10-17', Statement: statements.filter(({ Resource }) => Resource.length > 0) };
}

/** `inbox-indexes` is `InboxIndexes`: a Sid has letters and digits only. */
const sidOf = (on: RightOn): string => on.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());

/** The ARNs of an environment's resources, by kind. */
export const resourcesOf =
  (deployment: Deployment, place: Place) =>
  (on: RightOn): readonly string[] =>
    [...new Set(arnsOf(on, deployment, place))].toSorted();

function arnsOf(on: RightOn, deployment: Deployment, { region, accountId }: Place): readonly string[] {
  const { consumers } = deployment;
  const arn = (service: string, resource: string) =>
    `arn:${partitionOf(region)}:${service}:${region}:${accountId}:${resource}`;
  const tables = (names: readonly (string | undefined)[]) =>
    names
      .filter((name): name is string => name !== undefined && name !== '')
      .map((name) => arn('dynamodb', `table/${name}`));
  const indexes = (names: readonly (string | undefined)[]) => tables(names).map((table) => `${table}/index/*`);
  const queues = (urls: readonly (string | undefined)[]) =>
    urls.flatMap((url) => (url === undefined || url === '' ? [] : [arn('sqs', url.slice(url.lastIndexOf('/') + 1))]));
  const variable = (name: string) => consumers.map(({ variables }) => variables[name]);
  switch (on) {
    case 'functions':
      return ['*'];
    case 'consumers':
      return consumers.map(({ functionName }) => arn('lambda', `function:${functionName}`));
    case 'event-source-mappings':
      return [arn('lambda', 'event-source-mapping:*')];
    case 'rules':
      return [arn('events', 'rule/*')];
    case 'rebuild-functions':
      return deployment.rebuilders.map(({ functionName }) => arn('lambda', `function:${functionName}`));
    case 'outbox':
      return tables([deployment.outboxTableName]);
    case 'outbox-indexes':
      return deployment.eventIndexes === 'none' ? [] : indexes([deployment.outboxTableName]);
    case 'unindexed-outbox':
      return deployment.eventIndexes === 'none' ? tables([deployment.outboxTableName]) : [];
    case 'pending':
      return tables([deployment.pendingTableName]);
    case 'inbox':
      return tables(consumers.map(({ inboxTableName }) => inboxTableName));
    case 'inbox-indexes':
      return indexes(consumers.map(({ inboxTableName }) => inboxTableName));
    case 'cursors':
      return tables([deployment.cursorsTableName]);
    case 'cursors-indexes':
      return indexes([deployment.cursorsTableName]);
    case 'operator':
      return tables([deployment.operatorTableName]);
    case 'sagas':
      return tables(variable(ENV.sagasTableName));
    case 'sagas-indexes':
      return indexes(variable(ENV.sagasTableName));
    case 'syncs':
      return tables(variable(SYNC_TABLE_NAME));
    case 'syncs-indexes':
      return indexes(variable(SYNC_TABLE_NAME));
    case 'queues':
      return queues(consumers.map(({ queueUrl }) => queueUrl));
    case 'dead-letter-queues':
      return queues(consumers.map(({ deadLetterQueueUrl }) => deadLetterQueueUrl));
    case 'undeliverable-queues':
      return queues(variable(ENV.undeliverableQueueUrl));
    case 'settings-parameter': {
      const name = deployment.settingsParameterName;
      return name === undefined ? [] : [arn('ssm', `parameter/${name.replace(/^\//, '')}`)];
    }
  }
}

/** @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html */
function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}

/** The ARN of a function. */
export const functionArn = (name: string, { region, accountId }: Place): string =>
  `arn:${partitionOf(region)}:lambda:${region}:${accountId}:function:${name}`;

/** The account is the first part of a queue URL's path. */
export const accountOf = ({ consumers }: Deployment): string =>
  consumers.map(({ queueUrl }) => /\/(\d{12})\/[^/]+$/.exec(queueUrl)?.[1]).find((id) => id !== undefined) ?? '*';
