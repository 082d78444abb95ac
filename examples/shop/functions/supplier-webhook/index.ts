import { webhook } from 'waybill/runtime';
import { supplierWebhook } from './webhook.ts';

export const handler = webhook(supplierWebhook);
