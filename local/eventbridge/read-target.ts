import type { JsonObject } from '../endpoint/service.ts';
import { UndeliverableError } from './delivery-error.ts';
import { compileJsonPath } from './json-path.ts';
import { optionalObject, optionalString, requireName, requireString, TARGET_ID, validationError } from './members.ts';
import { readRetryPolicy } from './retry-policy.ts';
import type { GroupOfEvent, Target } from './rule.ts';
import { compileTargetInput } from './target-input.ts';

const KNOWN_MEMBERS = new Set([
  'Id',
  'Arn',
  'RoleArn',
  'Input',
  'InputPath',
  'InputTransformer',
  'SqsParameters',
  'DeadLetterConfig',
  'RetryPolicy',
]);

/** The longest that EventBridge takes, shorter than SQS's own 128. */
const LONGEST_GROUP_ID = 100;

/** @throws AwsError `ValidationException` for everything that PutTargets refuses or this run does not know. */
export function readTarget(settings: JsonObject, services: readonly string[]): Target {
  const id = requireName(settings, 'Id', TARGET_ID);
  const unknown = Object.keys(settings).find((member) => !KNOWN_MEMBERS.has(member) && settings[member] != null);
  if (unknown !== undefined) {
    throw validationError(
      `${unknown} of target ${id} is not part of the local run, which knows ${[...KNOWN_MEMBERS].join(', ')}.`,
    );
  }
  const arn = requireString(settings, 'Arn');
  return {
    id,
    arn,
    service: readService(arn, id, services),
    input: compileTargetInput(settings, id),
    messageGroupId: readGroup(settings, arn, id),
    retryPolicy: readRetryPolicy(settings),
    deadLetterArn: readDeadLetterArn(settings),
    settings,
  };
}

function readService(arn: string, id: string, services: readonly string[]): string {
  const [, service] = /^arn:[\w-]+:([\w-]+):[\w-]*:\d*:.+$/.exec(arn) ?? [];
  if (service === undefined) {
    throw validationError(`Parameter ${arn} is not valid. Reason: Provided Arn is not in correct format.`);
  }
  if (!services.includes(service)) {
    throw validationError(
      `Target ${id} is a resource of '${service}', to which the local run does not deliver; it knows ${services.join(', ')}.`,
    );
  }
  return service;
}

function readGroup(settings: JsonObject, arn: string, id: string): GroupOfEvent | undefined {
  const group = optionalString(optionalObject(settings, 'SqsParameters') ?? {}, 'MessageGroupId');
  if (group === undefined) {
    if (isFifo(arn)) throw validationError(`Parameter(s) SqsParameters must be specified for target: ${id}.`);
    return undefined;
  }
  if (group === '' || group.length > LONGEST_GROUP_ID) {
    throw validationError(
      `Parameter MessageGroupId of target ${id} is not valid: it has ${group.length} characters, allowed are 1 to ${LONGEST_GROUP_ID}.`,
    );
  }
  return groupFrom(group);
}

/** A value that is one JSON path as a whole is read from the original event; anything else is the group itself. */
function groupFrom(setting: string): GroupOfEvent {
  const path = setting.startsWith('$.') ? compileJsonPath(setting) : undefined;
  if (path === undefined) return () => setting;
  return (event) => {
    const group = path(event.fields);
    if (typeof group === 'string' && group !== '') return group;
    if (typeof group === 'number' || typeof group === 'boolean') return String(group);
    throw new UndeliverableError(
      'INVALID_PARAMETER',
      `MessageGroupId '${setting}' leads to ${JSON.stringify(group) ?? 'nothing'} in the event; a text that is not empty is needed`,
    );
  };
}

function readDeadLetterArn(settings: JsonObject): string | undefined {
  const arn = optionalString(optionalObject(settings, 'DeadLetterConfig') ?? {}, 'Arn');
  if (arn === undefined) return undefined;
  const [, service] = /^arn:[\w-]+:([\w-]+):/.exec(arn) ?? [];
  if (service !== 'sqs') throw validationError(`${service ?? arn} is not supported as a dead letter resource`);
  if (isFifo(arn)) throw validationError('SQS FIFO is not supported by Dead Letter Queues');
  return arn;
}

const isFifo = (arn: string) => arn.startsWith('arn:') && arn.split(':')[2] === 'sqs' && arn.endsWith('.fifo');
