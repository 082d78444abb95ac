import { createHash } from 'node:crypto';
import type { UnitOfWork } from '../outbox/index.ts';
import { STORED_FORMAT } from '../shared/stored-format.ts';
import { addMs, type EpochMs, toEpochSeconds, toTimestamp } from '../shared/time.ts';
import { DuplicateDeliveryError } from './errors.ts';
import { DELIVERY_RETENTION_DAYS } from './table.ts';

export interface Delivery {
  readonly tenantId: string | undefined;
  readonly id: string;
  readonly type: string;
  /** What is signed. */
  readonly material: Buffer;
  readonly isIdSigned: boolean;
  readonly receivedAt: EpochMs;
}

const RETENTION_MS = DELIVERY_RETENTION_DAYS * 24 * 60 * 60 * 1000;

/**
 * Records a delivery in a unit of work, on condition that it was not received before. If its id is not signed, its content
 * is recorded as well: whoever has seen a signed request could send it again under another id.
 */
export function recordDelivery(tx: UnitOfWork, tableName: string, delivery: Delivery): void {
  const { tenantId = '', id, type, material, isIdSigned, receivedAt } = delivery;
  const digest = createHash('sha256').update(material).digest('hex');
  const put = (key: string, by: 'id' | 'content') =>
    tx.put({
      TableName: tableName,
      Item: {
        id: key,
        deliveryId: id,
        type,
        digest,
        receivedAt: toTimestamp(receivedAt),
        expires: toEpochSeconds(addMs(receivedAt, RETENTION_MS)),
        ...STORED_FORMAT,
      },
      keyNames: ['id'],
      ConditionExpression: 'attribute_not_exists(#id)',
      ExpressionAttributeNames: { '#id': 'id' },
      refused: () => new DuplicateDeliveryError(by),
    });
  put(`${tenantId}#id#${id}`, 'id');
  if (!isIdSigned) put(`${tenantId}#content#${digest}`, 'content');
}
