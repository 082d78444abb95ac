import type { NamedSync, SyncMode } from 'waybill';
import { SUPPLIER_B } from '../../functions/product-sync/supplier-tokens.ts';
import { productSync } from '../../functions/product-sync/sync.ts';
import { stockSync } from '../../functions/stock-sync/sync.ts';
import { CARRIER, trackingSync } from '../../functions/tracking-sync/sync.ts';

/** What of the shop is read from somebody else. */
export interface ShopSubscription {
  readonly sync: NamedSync;
  readonly provider: string;
  /** How it is read, one after the other. */
  readonly modes: readonly SyncMode[];
}

export const SUBSCRIPTIONS: readonly ShopSubscription[] = [
  // what supplier A no longer sells is found by reading everything
  { sync: productSync, provider: 'supplier-a', modes: ['increment', 'reconcile'] },
  { sync: productSync, provider: SUPPLIER_B, modes: ['increment'] },
  { sync: stockSync, provider: SUPPLIER_B, modes: ['increment'] },
  { sync: trackingSync, provider: CARRIER, modes: ['increment'] },
];
