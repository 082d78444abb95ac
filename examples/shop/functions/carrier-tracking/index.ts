import { webhook } from 'waybill/runtime';
import { carrierTracking } from './webhook.ts';

export const handler = webhook(carrierTracking);
