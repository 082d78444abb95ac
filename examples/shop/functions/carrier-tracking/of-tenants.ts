import { webhook } from 'waybill/runtime';
import { carrierTrackingOfTenants } from './webhook.ts';

export const handler = webhook(carrierTrackingOfTenants);
