import { isDeepStrictEqual } from 'node:util';
import { type JsonObject, USER } from '../../endpoint/service.ts';
import { isObject, objectAt, stringAt, toList } from '../json.ts';
import { requiredText } from '../property-values.ts';
import type {
  CreatedResource,
  CreationContext,
  ResourceToCreate,
  RunningResource,
  UpdateBehaviour,
} from '../resource-type.ts';
import {
  indexesOf,
  isProtected,
  recoveryOf,
  tagsOf,
  timeToLiveInput,
  timeToLiveOf,
} from './dynamodb-table-settings.ts';

/** Both kinds of table change alike. */
export const TABLE_UPDATES: UpdateBehaviour = {
  replacedBy: ['KeySchema', 'LocalSecondaryIndexes', 'TableName'],
  // one more definition is no reason for a new table, another type is
  replacedWhen: (before, after) => (retypedAttributes(before, after).length === 0 ? [] : ['AttributeDefinitions']),
  nameProperty: 'TableName',
  attributesFollow: { StreamArn: ['StreamSpecification'] },
  refuse: (before, after) => [...refusedIndexes(before, after), ...refusedTimeToLive(before, after)],
};

const byName = (properties: JsonObject): ReadonlyMap<string, JsonObject> =>
  new Map(indexesOf(properties, 'GlobalSecondaryIndexes').map((index) => [requiredText(index, 'IndexName'), index]));

function retypedAttributes(before: JsonObject, after: JsonObject): unknown[] {
  const typeOf = (name: unknown) =>
    toList(after['AttributeDefinitions']).find((one) => isObject(one) && one['AttributeName'] === name);
  return toList(before['AttributeDefinitions']).filter((one) => {
    const same = isObject(one) ? typeOf(one['AttributeName']) : undefined;
    return same !== undefined && !isDeepStrictEqual(one, same);
  });
}

function refusedIndexes(before: JsonObject, after: JsonObject): string[] {
  const [old, wanted] = [byName(before), byName(after)];
  const changed = [...wanted].filter(([name, index]) => old.has(name) && !isDeepStrictEqual(old.get(name), index));
  const moves = [
    ...[...wanted.keys()].filter((name) => !old.has(name)).map((name) => `add '${name}'`),
    ...[...old.keys()].filter((name) => !wanted.has(name)).map((name) => `remove '${name}'`),
  ];
  return [
    ...changed.map(
      ([name]) =>
        `property 'GlobalSecondaryIndexes' has other keys or another projection for '${name}', which an index keeps for life; give it another name`,
    ),
    ...(moves.length > 1
      ? [
          `property 'GlobalSecondaryIndexes' would ${moves.join(' and ')}; a deployment adds or removes one index of a table, so deploy them one after another`,
        ]
      : []),
  ];
}

function refusedTimeToLive(before: JsonObject, after: JsonObject): string[] {
  const [old, wanted] = [timeToLiveOf(before), timeToLiveOf(after)];
  if (old === undefined || wanted === undefined || old === wanted) return [];
  return [
    `property 'TimeToLiveSpecification' moves from '${old}' to '${wanted}'; first deploy it switched off, then on with the other attribute`,
  ];
}

/** @param settingsOf where the template says how the table is protected: the table itself or its replica. */
export async function updateTable(
  { resource: before, made }: RunningResource,
  { properties }: ResourceToCreate,
  { engines }: CreationContext,
  settingsOf: (properties: JsonObject) => JsonObject,
): Promise<JsonObject> {
  const tableName = made.physicalId;
  const call = (operation: string, input: JsonObject) => engines.dynamoDb.handle(operation, input, USER);
  const change = (input: JsonObject) => call('UpdateTable', { TableName: tableName, ...input });
  const settings = settingsOf(properties);

  await updateIndexes(tableName, properties, { call, change });
  await updateStream(tableName, properties, { call, change });
  if (isProtected(settingsOf(before.properties)) !== isProtected(settings)) {
    await change({ DeletionProtectionEnabled: isProtected(settings) });
  }
  const recovery = recoveryOf(tableName, settings);
  if (!isDeepStrictEqual(recoveryOf(tableName, settingsOf(before.properties)), recovery)) {
    await call('UpdateContinuousBackups', recovery.input);
  }
  await updateTimeToLive(tableName, properties, call);
  await updateTags(made, tagsOf(settingsOf(before.properties)), tagsOf(settings), call);
  return objectAt(await call('DescribeTable', { TableName: tableName }), 'Table');
}

type Call = (operation: string, input: JsonObject) => Promise<object>;

interface TableCalls {
  readonly call: Call;
  readonly change: (input: JsonObject) => Promise<object>;
}

const describe = async (tableName: string, call: Call): Promise<JsonObject> =>
  objectAt(await call('DescribeTable', { TableName: tableName }), 'Table');

/** What the table has counts, not what it should have: a rollback may find an update half done. */
async function updateIndexes(tableName: string, properties: JsonObject, { call, change }: TableCalls): Promise<void> {
  const has = new Set(byName(await describe(tableName, call)).keys());
  const wanted = byName(properties);
  const definitions = { AttributeDefinitions: properties['AttributeDefinitions'] };
  for (const name of has) {
    if (wanted.has(name)) continue;
    await change({ ...definitions, GlobalSecondaryIndexUpdates: [{ Delete: { IndexName: name } }] });
  }
  for (const [name, index] of wanted) {
    if (!has.has(name)) await change({ ...definitions, GlobalSecondaryIndexUpdates: [{ Create: index }] });
  }
}

/** A stream with another view is another stream: readers of the old one have to move. */
async function updateStream(tableName: string, properties: JsonObject, { call, change }: TableCalls): Promise<void> {
  const has = stringAt(objectAt(await describe(tableName, call), 'StreamSpecification'), 'StreamViewType');
  const wanted = stringAt(objectAt(properties, 'StreamSpecification'), 'StreamViewType');
  if (has === wanted) return;
  if (has !== undefined) await change({ StreamSpecification: { StreamEnabled: false } });
  if (wanted !== undefined) {
    await change({ StreamSpecification: { StreamEnabled: true, StreamViewType: wanted } });
  }
}

async function updateTimeToLive(tableName: string, properties: JsonObject, call: Call): Promise<void> {
  const described = await call('DescribeTimeToLive', { TableName: tableName });
  const has = stringAt(objectAt(described, 'TimeToLiveDescription'), 'AttributeName');
  const wanted = timeToLiveOf(properties);
  if (has === wanted) return;
  if (has !== undefined) await call('UpdateTimeToLive', timeToLiveInput(tableName, has, false));
  if (wanted !== undefined) await call('UpdateTimeToLive', timeToLiveInput(tableName, wanted, true));
}

type Tags = ReturnType<typeof tagsOf>;

async function updateTags({ arn }: CreatedResource, old: Tags, wanted: Tags, call: Call): Promise<void> {
  const keys = new Set(wanted.map(({ Key }) => Key));
  const TagKeys = old.map(({ Key }) => Key).filter((key) => !keys.has(key));
  if (TagKeys.length > 0) await call('UntagResource', { ResourceArn: arn, TagKeys });
  if (wanted.length > 0 && !isDeepStrictEqual(old, wanted))
    await call('TagResource', { ResourceArn: arn, Tags: wanted });
}
