import { Duration } from 'aws-cdk-lib';
import type { EventHub } from '../../constructs/event-hub.ts';
import type { ShopSettings } from '../../shop-settings.ts';

/** What each piece of the shop is built with. */
export interface ShopProps {
  readonly hub: EventHub;
  readonly settings: ShopSettings;
}

/** One transaction per event or command: what takes longer is stuck, and is better tried again soon. */
export const SHOP_TIMEOUT = Duration.seconds(10);
