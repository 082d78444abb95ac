import type { JsonObject } from '../../endpoint/service.ts';
import { objectAt, stringAt } from '../json.ts';
import { objectList, optionalBoolean, optionalNumber, pick, requiredText } from '../property-values.ts';

/** Point-in-time recovery as the API takes it. */
export function recoveryOf(tableName: string, settings: JsonObject) {
  const recovery = objectAt(settings, 'PointInTimeRecoverySpecification');
  const isOn = optionalBoolean(recovery, 'PointInTimeRecoveryEnabled') === true;
  const days = optionalNumber(recovery, 'RecoveryPeriodInDays');
  return {
    isOn,
    input: {
      TableName: tableName,
      PointInTimeRecoverySpecification: {
        PointInTimeRecoveryEnabled: isOn,
        ...(isOn && days !== undefined ? { RecoveryPeriodInDays: days } : {}),
      },
    },
  };
}

/** The attribute by which items expire; undefined when they do not. */
export function timeToLiveOf(properties: JsonObject): string | undefined {
  const timeToLive = objectAt(properties, 'TimeToLiveSpecification');
  return optionalBoolean(timeToLive, 'Enabled') === true ? stringAt(timeToLive, 'AttributeName') : undefined;
}

export const timeToLiveInput = (tableName: string, attributeName: string, enabled: boolean): JsonObject => ({
  TableName: tableName,
  TimeToLiveSpecification: { AttributeName: attributeName, Enabled: enabled },
});

export const isProtected = (settings: JsonObject): boolean =>
  optionalBoolean(settings, 'DeletionProtectionEnabled') ?? false;

export const tagsOf = (settings: JsonObject): readonly { readonly Key: string; readonly Value: string }[] =>
  objectList(settings, 'Tags').map((tag) => ({ Key: requiredText(tag, 'Key'), Value: requiredText(tag, 'Value') }));

/** Indexes as the API takes them: capacity is without effect here. */
export const indexesOf = (properties: JsonObject, name: string): readonly JsonObject[] =>
  objectList(properties, name).map((index) => pick(index, 'IndexName', 'KeySchema', 'Projection'));
