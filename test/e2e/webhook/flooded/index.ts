import { webhook } from '../../../../lib/runtime/webhook.ts';
import { flooded } from '../webhooks.ts';

export const handler = webhook(flooded);
