import { CfnOutput } from 'aws-cdk-lib';
import { EventConsumer, tableFrom } from 'waybill/cdk';
import type { ShopChanges } from '../../../infra/add-shop.ts';
import { CONSUMERS, type ShopConsumer } from '../../../infra/consumers.ts';
import { SHOP_FUNCTION, type ShopProps } from '../../../infra/shop-props.ts';
import type { ShopStack } from '../../../infra/shop-stack.ts';
import { CLAIMS_CHANGE_OF, type ShopState } from '../revisions.ts';
import { strictCreditNotes } from './functions/credit-notes/subscription.ts';
import { PointsGranted, PointsGranted2 } from './functions/loyalty/events.ts';
import { loyalty, loyaltyWithPayments } from './functions/loyalty/subscription.ts';
import { LOYALTY_TABLE, LOYALTY_TABLE_NAME } from './functions/loyalty/table.ts';
import { statement, statementOfVersion2, statementWithoutUpcaster } from './functions/points-statement/subscription.ts';
import { STATEMENT_TABLE, STATEMENT_TABLE_NAME } from './functions/points-statement/table.ts';

/** A mistake on purpose, which a run must find. */
export type Defect = 'missing-upcaster';

const FUNCTIONS = 'examples/shop/local/redeploy/shop/functions';

/** The shop with the state's differences: what `createShopApp` takes. */
export function revisedShop(state: ShopState, defects: readonly Defect[] = []): ShopChanges {
  return {
    consumers: CONSUMERS.map((consumer) => revisedConsumer(consumer, state)),
    extendShop(stack, props) {
      if (state.loyalty !== undefined) addLoyalty(stack, props, state.loyalty);
      if (state.statement !== undefined) addStatement(stack, props, state.statement, defects);
    },
  };
}

function revisedConsumer(consumer: ShopConsumer, { notificationsId, creditNotes, claim }: ShopState): ShopConsumer {
  const { subscription } = consumer;
  // its construct tells the code, which is the same
  if (CLAIMS_CHANGE_OF.includes(subscription.name)) {
    return { ...consumer, subscription: { ...subscription, claim } };
  }
  switch (subscription.name) {
    case 'notifications':
      return { ...consumer, id: notificationsId };
    case 'credit-notes':
      return creditNotes === 'fifo'
        ? consumer
        : { ...consumer, subscription: strictCreditNotes, entry: `${FUNCTIONS}/credit-notes/strict.ts` };
    default:
      return consumer;
  }
}

function addLoyalty(
  stack: ShopStack,
  { hub }: ShopProps,
  { takesPayments, publishesVersion }: NonNullable<ShopState['loyalty']>,
): void {
  const table = tableFrom(stack, 'LoyaltyTable', LOYALTY_TABLE, hub.settings);
  const start = publishesVersion === 1 ? (takesPayments ? 'with-payments' : 'first') : 'version-2';
  const consumer = new EventConsumer(stack, 'Loyalty', {
    hub,
    subscription: takesPayments ? loyaltyWithPayments : loyalty,
    entry: `${FUNCTIONS}/loyalty/${start}${takesPayments && publishesVersion === 2 ? '-with-payments' : ''}.ts`,
    ...SHOP_FUNCTION,
    publishes: [publishesVersion === 1 ? PointsGranted : PointsGranted2],
  });
  consumer.function.useTable(table, LOYALTY_TABLE_NAME, ['GetItem', 'PutItem']);
  new CfnOutput(stack, 'LoyaltyTableName', { value: table.tableName });
}

function addStatement(
  stack: ShopStack,
  { hub }: ShopProps,
  { readsVersion, ordering }: NonNullable<ShopState['statement']>,
  defects: readonly Defect[],
): void {
  const table = tableFrom(stack, 'PointsStatementTable', STATEMENT_TABLE, hub.settings);
  const ofVersion2 = defects.includes('missing-upcaster')
    ? { subscription: statementWithoutUpcaster, file: 'without-upcaster' }
    : { subscription: statementOfVersion2(ordering), file: `version-2-${ordering}` };
  const { subscription, file } = readsVersion === 1 ? { subscription: statement, file: 'first' } : ofVersion2;
  const consumer = new EventConsumer(stack, 'PointsStatement', {
    hub,
    subscription,
    entry: `${FUNCTIONS}/points-statement/${file}.ts`,
    ...SHOP_FUNCTION,
  });
  consumer.function.useTable(table, STATEMENT_TABLE_NAME, ['PutItem']);
  new CfnOutput(stack, 'PointsStatementTableName', { value: table.tableName });
}
