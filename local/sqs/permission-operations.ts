import { invalidParameter, invalidValue, missingParameter } from './errors.ts';
import type { Input } from './input.ts';
import type { Operations } from './operation.ts';
import type { Queue } from './queue.ts';
import { changeAttributes } from './queue-attributes.ts';
import type { QueueRegistry } from './queue-registry.ts';

interface Statement {
  readonly Sid?: unknown;
}

interface Policy {
  readonly Statement: readonly Statement[];
}

/** @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_AddPermission.html */
const ACTIONS = [
  '*',
  'ChangeMessageVisibility',
  'DeleteMessage',
  'GetQueueAttributes',
  'GetQueueUrl',
  'ListDeadLetterSourceQueues',
  'PurgeQueue',
  'ReceiveMessage',
  'SendMessage',
];
const MOST_ACTIONS = 7;

/** The older way of writing a queue's policy, one statement for each label. */
export function permissionOperations(registry: QueueRegistry): Operations {
  return {
    AddPermission(input) {
      const queue = registry.byUrl(input.string('QueueUrl'));
      const label = readLabel(input);
      const accountIds = input.strings('AWSAccountIds');
      if (accountIds.length === 0) throw missingParameter('AWSAccountIds');
      const wrongId = accountIds.find((id) => !/^\d{12}$/.test(id));
      if (wrongId !== undefined) throw invalidValue(wrongId, 'PrincipalId', 'Unable to verify.');
      const actions = readActions(input);
      const { Statement } = policyOf(queue);
      if (Statement.some(({ Sid }) => Sid === label)) throw invalidValue(label, 'Label', 'Already exists.');
      const principals = accountIds.map((id) => `arn:aws:iam::${id}:root`);
      const added = {
        Sid: label,
        Effect: 'Allow',
        Principal: { AWS: oneOrAll(principals) },
        Action: oneOrAll(actions.map((action) => `SQS:${action}`)),
        Resource: queue.arn,
      };
      setPolicy(queue, { ...policyOf(queue), Statement: [...Statement, added] });
      return {};
    },
    RemovePermission(input) {
      const queue = registry.byUrl(input.string('QueueUrl'));
      const label = readLabel(input);
      const policy = policyOf(queue);
      const kept = policy.Statement.filter(({ Sid }) => Sid !== label);
      if (kept.length === policy.Statement.length) throw invalidValue(label, 'Label', "can't find label.");
      setPolicy(queue, { ...policy, Statement: kept });
      return {};
    },
  };
}

function readLabel(input: Input): string {
  const label = input.string('Label');
  if (/^[\w-]{1,80}$/.test(label)) return label;
  throw invalidParameter('Label can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length');
}

function readActions(input: Input): readonly string[] {
  const actions = input.strings('Actions');
  if (actions.length === 0) throw missingParameter('Actions');
  if (actions.length > MOST_ACTIONS) {
    throw invalidParameter(`${actions.length} Actions were found, maximum allowed is ${MOST_ACTIONS}.`);
  }
  const unknown = actions.find((action) => !ACTIONS.includes(action));
  if (unknown === undefined) return actions;
  throw invalidValue(
    `SQS:${unknown}`,
    'ActionName',
    `Only the queue owner is allowed to invoke this action. Allowed are ${ACTIONS.join(', ')}.`,
  );
}

function policyOf({ arn, attributes }: Queue): Policy {
  const { Policy: text } = attributes();
  const empty = { Version: '2008-10-17', Id: `${arn}/SQSDefaultPolicy`, Statement: [] };
  if (text === undefined) return empty;
  const parsed: unknown = JSON.parse(text);
  const given: unknown = typeof parsed === 'object' && parsed !== null ? Reflect.get(parsed, 'Statement') : undefined;
  const statements = Array.isArray(given) ? given : given === undefined ? [] : [given];
  return { ...empty, ...(parsed as object), Statement: statements.filter(isStatement) };
}

const isStatement = (value: unknown): value is Statement => typeof value === 'object' && value !== null;

/** A policy without statements is none. */
const setPolicy = (queue: Queue, policy: Policy): void =>
  queue.setAttributes(
    changeAttributes(
      queue.attributes(),
      { Policy: policy.Statement.length === 0 ? '' : JSON.stringify(policy) },
      queue.isFifo,
    ),
  );

const oneOrAll = <T>(values: readonly T[]): T | readonly T[] => (values.length === 1 && values[0] ? values[0] : values);
