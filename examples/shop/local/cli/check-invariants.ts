import { productSchema } from '../../functions/catalog/product.ts';
import { PRODUCTS_TABLE } from '../../functions/catalog/table.ts';
import { auditEntrySchema } from '../../functions/payments/audit-entry.ts';
import { PAYMENT_AUDIT_TABLE } from '../../functions/payments/table.ts';
import type { HttpJournal } from '../http/http-journal.ts';
import { checkCatalog, checkEchoes, checkEntitiesOnce, checkStockList, checkTokens } from '../invariants/catalog.ts';
import type { ProductTrail } from '../invariants/catalog-watch.ts';
import { checkCustomers } from '../invariants/customers.ts';
import type { EventTrail } from '../invariants/event-trail.ts';
import { checkAnsweredOrders, checkAnswers, checkOrdersOnce, checkPrivacy } from '../invariants/http.ts';
import type { Invariant } from '../invariants/invariant.ts';
import { checkCreditNotes, checkLinks, readLinkFacts } from '../invariants/links.ts';
import { checkMail } from '../invariants/mail.ts';
import { checkMoneyOfGateway, checkMoneyOfPayments } from '../invariants/money.ts';
import { checkOrders } from '../invariants/orders.ts';
import { createOwnedReader } from '../invariants/owned-items.ts';
import { checkParcels } from '../invariants/parcels.ts';
import { checkPaymentAudit } from '../invariants/payment-audit.ts';
import { checkOrderOverview, checkRevenue } from '../invariants/read-models.ts';
import { readSagas } from '../invariants/read-sagas.ts';
import { readShopFacts } from '../invariants/read-shop-facts.ts';
import { checkReconciliation } from '../invariants/reconciliation.ts';
import { checkSagas } from '../invariants/sagas.ts';
import { checkReservations, checkStock } from '../invariants/stock.ts';
import { checkTracking, type TrackingTrail } from '../invariants/tracking.ts';
import type { OrderPlan } from '../orders/order-plan.ts';
import type { OrderStates } from '../orders/order-states.ts';
import type { ReadModels } from '../read-models/read-model.ts';
import { LAST_PIECES } from '../syncs/sync-driver.ts';
import type { SyncFacts } from '../syncs/sync-facts.ts';
import type { ShopRun } from './start-shop.ts';

export interface InvariantSources {
  readonly plan: OrderPlan;
  readonly states: OrderStates;
  readonly trail: EventTrail;
  readonly trackingTrail: TrackingTrail;
  readonly productTrail: ProductTrail;
  /** Undefined in a shop without syncs. */
  readonly syncFacts: SyncFacts | undefined;
  readonly models: readonly ReadModels[];
  /** Undefined where no order came over HTTP. */
  readonly journal: HttpJournal | undefined;
  /** Whether consumers were deployed in the middle of the run. */
  readonly isRedeployed: boolean;
}

/** Everything that must be so of the shop once all has settled. */
export async function checkInvariants(
  { run, clients, shop, settings: { tenantIds }, external, watches }: ShopRun,
  { plan, states, trail, trackingTrail, productTrail, syncFacts, models, journal, isRedeployed }: InvariantSources,
): Promise<Invariant[]> {
  const hasTenants = watches.tenants !== undefined;
  const reader = createOwnedReader(clients.dynamoDb, { hasTenants });
  const facts = await readShopFacts(reader.read, shop, tenantIds);
  const { sagasTableName } = shop;
  const sagas = sagasTableName === undefined ? undefined : await readSagas(reader.read, sagasTableName);
  const linked = await readLinkFacts(reader.read, shop);
  const audit = await reader.read({
    tableName: shop.paymentAuditTableName,
    schema: PAYMENT_AUDIT_TABLE,
    parse: (item) => auditEntrySchema.parse(item),
  });
  const ledger = external.ledger();
  return [
    checkOrders(states),
    checkMoneyOfPayments(facts),
    checkMoneyOfGateway(facts, ledger),
    checkPaymentAudit(audit, ledger),
    watches.stock.check(),
    checkStock(facts, { stock: shop.syncs === undefined ? plan.stock : withLastGoods(plan) }),
    checkReservations(facts),
    checkParcels(facts, ledger.parcels),
    checkTracking(facts, external.tracking.report(), trackingTrail.counts()),
    watches.catalog.check(productTrail),
    ...(syncFacts === undefined
      ? []
      : [
          checkCatalog(
            await reader.read({
              tableName: shop.productsTableName,
              schema: PRODUCTS_TABLE,
              parse: (item) => productSchema.parse(item),
            }),
            external.suppliers.accounts(),
            syncFacts,
          ),
          checkStockList(facts, plan.products, external.suppliers.accounts()),
          checkEchoes(syncFacts),
          checkEntitiesOnce(syncFacts),
          checkTokens(external.suppliers.tokens),
        ]),
    checkMail(facts, ledger.mails),
    checkCustomers(facts),
    checkLinks(facts, linked),
    checkCreditNotes(facts, linked),
    checkOrderOverview(facts, models),
    checkRevenue(facts, models),
    ...(sagas === undefined ? [] : [checkSagas(facts, sagas)]),
    ...(journal === undefined
      ? []
      : [
          checkAnsweredOrders(facts, journal),
          checkOrdersOnce(facts, journal),
          checkAnswers(journal, journal.counts.replayed),
          checkPrivacy(journal),
        ]),
    await checkReconciliation({ clients, clock: run.clock }, { isRedeployed }),
    reader.check(),
    ...(watches.tenants === undefined ? [] : [watches.tenants.check(), trail.checkIsolation()]),
  ];
}

/** What was received at the end, so that supplier B is told of each product. */
const withLastGoods = ({ stock, products }: Pick<OrderPlan, 'stock' | 'products'>): ReadonlyMap<string, number> =>
  new Map([...stock, ...products.map(({ sku }) => [sku, (stock.get(sku) ?? 0) + LAST_PIECES] as const)]);
