import type { JsonObject } from '../../endpoint/service.ts';
import { isObject, stringAt, toList } from '../../template/json.ts';
import type { Need, Place } from './need.ts';

/** Members that name the resource of an operation, and the part of an ARN that goes before their values. */
const NAMED_BY: Readonly<Record<string, { readonly member: string; readonly prefix: string }>> = {
  CreateArchive: { member: 'ArchiveName', prefix: 'archive/' },
  CreateEventBus: { member: 'Name', prefix: 'event-bus/' },
  DeleteArchive: { member: 'ArchiveName', prefix: 'archive/' },
  DeleteEventBus: { member: 'Name', prefix: 'event-bus/' },
  DescribeArchive: { member: 'ArchiveName', prefix: 'archive/' },
  DescribeEventBus: { member: 'Name', prefix: 'event-bus/' },
  UpdateArchive: { member: 'ArchiveName', prefix: 'archive/' },
  CancelReplay: { member: 'ReplayName', prefix: 'replay/' },
  DescribeReplay: { member: 'ReplayName', prefix: 'replay/' },
  StartReplay: { member: 'ReplayName', prefix: 'replay/' },
};

const RULE_OPERATIONS = ['DeleteRule', 'DescribeRule', 'DisableRule', 'EnableRule', 'PutRule'];
const TARGET_OPERATIONS = ['ListTargetsByRule', 'PutTargets', 'RemoveTargets'];
const TAG_OPERATIONS = ['ListTagsForResource', 'TagResource', 'UntagResource'];

/** PutEvents needs every bus that its entries name, with the source and the detail type of each entry. */
export function eventBridgeNeeds(operation: string, input: JsonObject, place: Place): readonly Need[] {
  const arn = (resource: string) => `arn:aws:events:${place.region}:${place.accountId}:${resource}`;
  const busArn = (nameOrArn = 'default') => (nameOrArn.startsWith('arn:') ? nameOrArn : arn(`event-bus/${nameOrArn}`));
  const on = (resource: string | undefined): readonly Need[] => [
    { action: `events:${operation}`, resource: resource ?? '*' },
  ];

  if (operation === 'PutEvents') return putEventsNeeds(toList(input['Entries']).filter(isObject), busArn);
  const isRuleOperation = RULE_OPERATIONS.includes(operation);
  const ruleName = stringAt(input, isRuleOperation ? 'Name' : 'Rule');
  if ((isRuleOperation || TARGET_OPERATIONS.includes(operation)) && ruleName !== undefined) {
    const busName = busArn(stringAt(input, 'EventBusName')).replace(/^.*:event-bus\//, '');
    return on(arn(busName === 'default' ? `rule/${ruleName}` : `rule/${busName}/${ruleName}`));
  }
  if (TAG_OPERATIONS.includes(operation)) return on(stringAt(input, 'ResourceARN'));
  const named = NAMED_BY[operation];
  const name = named === undefined ? undefined : stringAt(input, named.member);
  return on(named === undefined || name === undefined ? undefined : arn(`${named.prefix}${name}`));
}

/** One need for all entries that conditions cannot tell apart. */
function putEventsNeeds(entries: readonly JsonObject[], busArn: (nameOrArn?: string) => string): readonly Need[] {
  const needs = entries.map((entry) => {
    const resource = busArn(stringAt(entry, 'EventBusName'));
    const source = stringAt(entry, 'Source');
    const detailType = stringAt(entry, 'DetailType');
    const need: Need = {
      action: 'events:PutEvents',
      resource,
      keys: { 'events:source': () => listOf(source), 'events:detail-type': () => listOf(detailType) },
    };
    return [JSON.stringify([resource, source, detailType]), need] as const;
  });
  return [...new Map(needs).values()];
}

const listOf = (text: string | undefined): readonly string[] | undefined => (text === undefined ? undefined : [text]);
