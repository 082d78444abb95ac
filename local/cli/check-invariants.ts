import { checkCustomers } from '../../examples/shop/local/invariants/customers.ts';
import type { EventTrail } from '../../examples/shop/local/invariants/event-trail.ts';
import type { Invariant } from '../../examples/shop/local/invariants/invariant.ts';
import { checkCreditNotes, checkLinks, readLinkFacts } from '../../examples/shop/local/invariants/links.ts';
import { checkMail } from '../../examples/shop/local/invariants/mail.ts';
import { checkMoneyOfGateway, checkMoneyOfPayments } from '../../examples/shop/local/invariants/money.ts';
import { checkOrders } from '../../examples/shop/local/invariants/orders.ts';
import { createOwnedReader } from '../../examples/shop/local/invariants/owned-items.ts';
import { checkParcels } from '../../examples/shop/local/invariants/parcels.ts';
import { checkOrderOverview, checkRevenue } from '../../examples/shop/local/invariants/read-models.ts';
import { readSagas } from '../../examples/shop/local/invariants/read-sagas.ts';
import { readShopFacts } from '../../examples/shop/local/invariants/read-shop-facts.ts';
import { checkSagas } from '../../examples/shop/local/invariants/sagas.ts';
import { checkReservations, checkStock } from '../../examples/shop/local/invariants/stock.ts';
import type { OrderPlan } from '../../examples/shop/local/orders/order-plan.ts';
import type { OrderStates } from '../../examples/shop/local/orders/order-states.ts';
import type { ReadModels } from '../../examples/shop/local/read-models/read-model.ts';
import type { Stacks } from './start-stacks.ts';

export interface InvariantSources {
  readonly plan: OrderPlan;
  readonly states: OrderStates;
  readonly trail: EventTrail;
  readonly models: readonly ReadModels[];
}

/** Everything that must be so of the shop once all has settled. */
export async function checkInvariants(
  { clients, shop, settings: { tenantIds }, external, watches }: Stacks,
  { plan, states, trail, models }: InvariantSources,
): Promise<Invariant[]> {
  const hasTenants = watches.tenants !== undefined;
  const reader = createOwnedReader(clients.dynamoDb, { hasTenants });
  const facts = await readShopFacts(reader.read, shop, tenantIds);
  const { sagasTableName } = shop;
  const sagas = sagasTableName === undefined ? undefined : await readSagas(reader.read, sagasTableName);
  const linked = await readLinkFacts(reader.read, shop);
  const ledger = external.ledger();
  return [
    checkOrders(states),
    checkMoneyOfPayments(facts),
    checkMoneyOfGateway(facts, ledger),
    watches.stock.check(),
    checkStock(facts, plan),
    checkReservations(facts),
    checkParcels(facts, ledger.parcels),
    checkMail(facts, ledger.mails),
    checkCustomers(facts),
    checkLinks(facts, linked),
    checkCreditNotes(facts, linked),
    checkOrderOverview(facts, models),
    checkRevenue(facts, models),
    ...(sagas === undefined ? [] : [checkSagas(facts, sagas)]),
    reader.check(),
    ...(watches.tenants === undefined ? [] : [watches.tenants.check(), trail.checkIsolation()]),
  ];
}
