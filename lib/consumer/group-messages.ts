import type { SQSRecord } from 'aws-lambda';

/** The batch by message group, each in the order of arrival; a message without a group stands alone. */
export function groupMessages(records: readonly SQSRecord[]): readonly (readonly SQSRecord[])[] {
  const groups = new Map<string, SQSRecord[]>();
  for (const record of records) {
    const group = record.attributes.MessageGroupId;
    const key = group === undefined ? `message ${record.messageId}` : `group ${group}`;
    groups.set(key, [...(groups.get(key) ?? []), record]);
  }
  return [...groups.values()];
}
