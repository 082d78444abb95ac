import type { TenantTable } from 'waybill/tenancy';
import type { AccountItem, ItemOf } from './account.ts';

export type AccountsTable = Pick<TenantTable<AccountItem>, 'get' | 'within' | 'update'>;

/** The item under a key, if it is of this kind. */
export async function findItem<Kind extends AccountItem['kind']>(
  table: Pick<AccountsTable, 'get'>,
  kind: Kind,
  key: { readonly id: string },
): Promise<ItemOf<Kind> | undefined> {
  const item = await table.get(key);
  return item?.kind === kind ? (item as ItemOf<Kind>) : undefined;
}
