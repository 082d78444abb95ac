import type { DynamoDb } from '../../../../local/dynamodb/dynamodb.ts';
import { PAYMENTS_TABLE } from '../../functions/payments/table.ts';
import type { CallFunction } from './function-calls.ts';
import { readOrderKey } from './order-key.ts';
import type { Shop } from './shop.ts';

export interface ReviewerOptions {
  readonly shop: Pick<Shop, 'paymentsTableName' | 'reviewPaymentFunctionName'>;
  readonly call: CallFunction;
  readonly signal: AbortSignal;
  /** Whether every held payment is to be decided. @default - one of five is left, for somebody to look at */
  readonly decideAll: boolean;
}

export interface Reviewer extends Disposable {
  /** Payments that were released, refused and left as they are. */
  counts(): Readonly<Record<'released' | 'refused' | 'left', number>>;
}

const LEFT_ONE_IN = 5;
const REFUSED_ONE_IN = 4;

/** A call may fail under chaos; what it decided then stands. */
const MOST_TRIES = 20;

/** A person who decides about each payment that is held, as soon as it is. */
export function startReviewer(
  dynamoDb: Pick<DynamoDb, 'onCommit'>,
  { shop, call, signal, decideAll }: ReviewerOptions,
): Reviewer {
  const counts = { released: 0, refused: 0, left: 0 };
  let seen = 0;

  const decide = async (key: string, decision: 'release' | 'refuse') => {
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
      seen++;
      const key = after[PAYMENTS_TABLE.partitionKey.name]?.S ?? '';
      if (!decideAll && seen % LEFT_ONE_IN === 0) {
        counts.left++;
        continue;
      }
      const decision = seen % REFUSED_ONE_IN === 0 ? 'refuse' : 'release';
      counts[decision === 'refuse' ? 'refused' : 'released']++;
      decide(key, decision).catch(() => undefined);
    }
  });
  return { counts: () => ({ ...counts }), [Symbol.dispose]: stopListening };
}
