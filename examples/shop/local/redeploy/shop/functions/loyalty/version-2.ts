import { createLoyaltyHandlers, grantInVersion2 } from './handler.ts';
import { serveLoyalty } from './serve.ts';
import { loyalty } from './subscription.ts';

export const handler = serveLoyalty(loyalty, createLoyaltyHandlers, grantInVersion2);
