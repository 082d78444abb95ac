import { Duration } from 'aws-cdk-lib';
import type { EventHub } from '../../constructs/event-hub.ts';
import type { ShopSettings } from '../../shop-settings.ts';

/** What each piece of the shop is built with. */
export interface ShopProps {
  readonly hub: EventHub;
  readonly settings: ShopSettings;
}

/**
 * For a batch of ten events, three of which may be tried alone after the others; each may call an external system three
 * times, three seconds at the most.
 */
export const SHOP_TIMEOUT = Duration.seconds(30);
