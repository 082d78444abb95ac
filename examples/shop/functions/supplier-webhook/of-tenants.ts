import { webhook } from 'waybill/runtime';
import { supplierWebhookOfTenants } from './webhook.ts';

export const handler = webhook(supplierWebhookOfTenants);
