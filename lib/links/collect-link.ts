import type { UnitOfWork } from '../outbox/index.ts';
import type { TenantTable } from '../tenancy/index.ts';
import { entityKey } from './entity.ts';
import type { LinkIdentity } from './link.ts';
import { type LinkItem, linkKey, rootKey, toLinkItem } from './link-item.ts';

/** Collects a link that was not found. The same link at the same time is no error. @param text its metadata */
export function collectLink(table: TenantTable<LinkItem>, tx: UnitOfWork, link: LinkIdentity, text: string): void {
  const writes = table.within(tx);
  writes.put({
    Item: toLinkItem(link, text),
    ConditionExpression: 'attribute_not_exists(#source) OR #metadata = :metadata',
    ExpressionAttributeNames: { '#source': 'source', '#metadata': 'metadata' },
    ExpressionAttributeValues: { ':metadata': text },
  });
  if (link.type !== 'aggregate_root') return;
  const root = entityKey(link.source);
  writes.put({
    Item: { ...rootKey(link.target), root },
    ConditionExpression: 'attribute_not_exists(#root) OR #root = :root',
    ExpressionAttributeNames: { '#root': 'root' },
    ExpressionAttributeValues: { ':root': root },
  });
}

/** Collects other metadata for a link that was found. */
export const collectMetadata = (table: TenantTable<LinkItem>, tx: UnitOfWork, link: LinkIdentity, text: string): void =>
  table.within(tx).update({
    Key: linkKey(link),
    UpdateExpression: 'SET #metadata = :metadata',
    ConditionExpression: 'attribute_exists(#source)',
    ExpressionAttributeNames: { '#source': 'source', '#metadata': 'metadata' },
    ExpressionAttributeValues: { ':metadata': text },
  });
