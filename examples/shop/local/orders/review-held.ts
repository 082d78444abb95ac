import { createHash } from 'node:crypto';
import type { DynamoDb } from '../../../../local/dynamodb/dynamodb.ts';
import { PAYMENTS_TABLE } from '../../functions/payments/table.ts';
import type { CallFunction } from './function-calls.ts';
import { readOrderKey } from './order-key.ts';
import type { Shop } from './shop.ts';

export interface ReviewerOptions {
  readonly shop: Pick<Shop, 'paymentsTableName' | 'reviewPaymentFunctionName'>;
  readonly call: CallFunction;
  readonly signal: AbortSignal;
  /** Whether every held payment is to be decided. @default - about one of five is left, for somebody to look at */
  readonly decideAll: boolean;
}

/** A call may fail under chaos; what it decided then stands. */
const MOST_TRIES = 20;

/** A person who decides about each payment that is held, as soon as it is. */
export function startReviewer(
  dynamoDb: Pick<DynamoDb, 'onCommit'>,
  { shop, call, signal, decideAll }: ReviewerOptions,
): Disposable {
  const carryOut = async (key: string, decision: 'release' | 'refuse') => {
    const { tenantId, orderId } = readOrderKey(key);
    const command = { orderId, decision, by: 'reviewer@example.com', ...(tenantId === undefined ? {} : { tenantId }) };
    for (let tries = 0; tries < MOST_TRIES && !signal.aborted; tries++) {
      const result = await call(shop.reviewPaymentFunctionName, command, signal);
      // a customer who cancels meanwhile leaves nothing to decide
      if (result.kind !== 'failed' || result.reason.includes('REVIEW_PAYMENT_')) return;
    }
  };

  const stopListening = dynamoDb.onCommit((changes) => {
    for (const { tableName, after } of changes) {
      if (tableName !== shop.paymentsTableName || after?.['status']?.S !== 'held') continue;
      const decision = decisionOf(after['amount']?.M?.['minorUnits']?.N ?? '');
      if (decision === 'leave' && !decideAll) continue;
      const key = after[PAYMENTS_TABLE.partitionKey.name]?.S ?? '';
      carryOut(key, decision === 'refuse' ? 'refuse' : 'release').catch(() => undefined);
    }
  });
  return { [Symbol.dispose]: stopListening };
}

const DECISIONS = ['leave', 'refuse', 'release', 'release', 'release'] as const;

/** By the amount alone, so that each run of the same orders has the same results, whichever is held first. */
function decisionOf(minorUnits: string): (typeof DECISIONS)[number] {
  const number = createHash('sha256').update(minorUnits).digest().readUInt32BE();
  return DECISIONS[number % DECISIONS.length] ?? 'release';
}
