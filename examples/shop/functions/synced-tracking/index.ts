import { webhook } from 'waybill/runtime';
import { syncedCarrierTracking } from './webhook.ts';

export const handler = webhook(syncedCarrierTracking);
