import { webhook } from '../../../../lib/runtime/webhook.ts';
import { carrier } from '../webhooks.ts';

export const handler = webhook(carrier);
