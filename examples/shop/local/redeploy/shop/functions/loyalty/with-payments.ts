import { createLoyaltyHandlersWithPayments, grantInVersion1 } from './handler.ts';
import { serveLoyalty } from './serve.ts';
import { loyaltyWithPayments } from './subscription.ts';

export const handler = serveLoyalty(loyaltyWithPayments, createLoyaltyHandlersWithPayments, grantInVersion1);
