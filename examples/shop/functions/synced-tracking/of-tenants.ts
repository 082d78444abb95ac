import { webhook } from 'waybill/runtime';
import { syncedCarrierTrackingOfTenants } from './webhook.ts';

export const handler = webhook(syncedCarrierTrackingOfTenants);
