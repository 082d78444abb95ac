import { Duration } from 'aws-cdk-lib';
import type { EventHub, FunctionSizing } from 'waybill/cdk';
import type { ShopSettings } from './shop-settings.ts';

/** What each piece of the shop is built with. */
export interface ShopProps {
  readonly hub: EventHub;
  readonly settings: ShopSettings;
}

/** What all functions of the shop are built with. */
export const SHOP_FUNCTION = {
  /**
   * For a batch of ten events, three of which may be tried alone after the others; each may call an external system three
   * times, three seconds at the most.
   */
  timeout: Duration.seconds(30),
  // they call DynamoDB, SQS and the Scheduler only
  eventStreams: false,
} as const satisfies FunctionSizing;
