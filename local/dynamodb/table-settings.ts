import { AwsError } from '../endpoint/aws-error.ts';
import type { Database } from './database.ts';
import { parseRequest } from './dynalite.ts';
import type { Operations } from './operation.ts';
import type { Table } from './table.ts';
import type { Tag } from './table-description.ts';
import { TABLE_SHAPES } from './table-shapes.ts';
import { existing } from './tables.ts';
import { checkTaggedArn, checkTags } from './tag-rules.ts';

interface NamedTable {
  readonly TableName: string;
}

interface UpdateTimeToLiveRequest extends NamedTable {
  readonly TimeToLiveSpecification: { readonly Enabled: boolean; readonly AttributeName: string };
}

interface UpdateContinuousBackupsRequest extends NamedTable {
  readonly PointInTimeRecoverySpecification: {
    readonly PointInTimeRecoveryEnabled: boolean;
    readonly RecoveryPeriodInDays?: number;
  };
}

const DEFAULT_RECOVERY_DAYS = 35;

/** Time to live, continuous backups (remembered only: nothing is backed up) and tags. */
export function createTableSettings(database: Database): Operations {
  return {
    UpdateTimeToLive(input) {
      const { TableName, TimeToLiveSpecification } = parseRequest<UpdateTimeToLiveRequest>(
        TABLE_SHAPES.UpdateTimeToLive,
        input,
      );
      const { Enabled, AttributeName } = TimeToLiveSpecification;
      const table = existing(database, TableName);
      checkTimeToLive(table, Enabled, AttributeName);
      database.setTimeToLive(table, Enabled ? AttributeName : undefined);
      return { TimeToLiveSpecification };
    },
    DescribeTimeToLive(input) {
      const { TableName } = parseRequest<NamedTable>(TABLE_SHAPES.DescribeTimeToLive, input);
      const { ttlAttribute } = existing(database, TableName);
      return {
        TimeToLiveDescription:
          ttlAttribute === undefined
            ? { TimeToLiveStatus: 'DISABLED' }
            : { TimeToLiveStatus: 'ENABLED', AttributeName: ttlAttribute },
      };
    },
    UpdateContinuousBackups(input) {
      const request = parseRequest<UpdateContinuousBackupsRequest>(TABLE_SHAPES.UpdateContinuousBackups, input);
      const { PointInTimeRecoveryEnabled, RecoveryPeriodInDays = DEFAULT_RECOVERY_DAYS } =
        request.PointInTimeRecoverySpecification;
      const table = backedUpTable(database, request.TableName);
      table.pointInTimeRecovery = PointInTimeRecoveryEnabled
        ? {
            enabledAtSeconds: table.pointInTimeRecovery?.enabledAtSeconds ?? database.clock.now() / 1000,
            recoveryPeriodInDays: RecoveryPeriodInDays,
          }
        : undefined;
      return describeBackups(database, table);
    },
    DescribeContinuousBackups(input) {
      const { TableName } = parseRequest<NamedTable>(TABLE_SHAPES.DescribeContinuousBackups, input);
      return describeBackups(database, backedUpTable(database, TableName));
    },
    TagResource(input) {
      const { ResourceArn, Tags } = parseRequest<{ ResourceArn: string; Tags: readonly Tag[] }>(
        TABLE_SHAPES.TagResource,
        input,
      );
      const { tags } = taggedTable(database, ResourceArn);
      if (Tags.length === 0) refuse('Atleast one Tag needs to be provided as Input.');
      checkTags(Tags, tags.keys());
      for (const { Key, Value } of Tags) tags.set(Key, Value);
      return {};
    },
    UntagResource(input) {
      const { ResourceArn, TagKeys } = parseRequest<{ ResourceArn: string; TagKeys: readonly string[] }>(
        TABLE_SHAPES.UntagResource,
        input,
      );
      const { tags } = taggedTable(database, ResourceArn);
      if (TagKeys.length === 0) refuse('Atleast one Tag Key needs to be provided as Input.');
      for (const key of TagKeys) tags.delete(key);
      return {};
    },
    ListTagsOfResource(input) {
      const { ResourceArn } = parseRequest<{ ResourceArn: string }>(TABLE_SHAPES.ListTagsOfResource, input);
      return { Tags: [...taggedTable(database, ResourceArn).tags].map(([Key, Value]) => ({ Key, Value })) };
    },
  };
}

function checkTimeToLive(table: Table, enable: boolean, attribute: string): void {
  const current = table.ttlAttribute;
  if (enable && current === attribute) refuse('TimeToLive is already enabled');
  if (!enable && current === undefined) refuse('TimeToLive is already disabled');
  if (current !== undefined && current !== attribute) {
    refuse(`TimeToLive is active on a different AttributeName: current AttributeName is ${current}`);
  }
}

function describeBackups(database: Database, { pointInTimeRecovery }: Table): object {
  const recovery =
    pointInTimeRecovery === undefined
      ? { PointInTimeRecoveryStatus: 'DISABLED' }
      : {
          PointInTimeRecoveryStatus: 'ENABLED',
          RecoveryPeriodInDays: pointInTimeRecovery.recoveryPeriodInDays,
          EarliestRestorableDateTime: pointInTimeRecovery.enabledAtSeconds,
          LatestRestorableDateTime: database.clock.now() / 1000,
        };
  return {
    ContinuousBackupsDescription: { ContinuousBackupsStatus: 'ENABLED', PointInTimeRecoveryDescription: recovery },
  };
}

function backedUpTable(database: Database, name: string): Table {
  const table = database.tables.get(name);
  if (table === undefined) throw new AwsError('TableNotFoundException', `Table not found: ${name}`);
  return table;
}

function taggedTable(database: Database, arn: string): Table {
  checkTaggedArn(arn);
  const table = [...database.tables.values()].find(({ description }) => description.TableArn === arn);
  if (table === undefined) {
    throw new AwsError('ResourceNotFoundException', `Requested resource not found: ResourceArn: ${arn} not found`);
  }
  return table;
}

function refuse(message: string): never {
  throw new AwsError('ValidationException', message);
}
