import { type EventHandler, handlersFor, PermanentError, type SubscriptionHandlers } from '../../lib/consumer/index.ts';
import { type Subscription, WaybillError } from '../../lib/definitions/index.ts';
import type { Dealer } from './dealer.ts';
import { Followed, type Numbered } from './events.ts';
import type { Execution } from './execution.ts';
import type { EventPlan, Temper } from './schedule.ts';

export const LEDGER_TABLE = 'ledger';

/** What a consumer's code does with each event, and what mends it. */
export interface Tempers {
  /** @param serving the subscription of the code that runs */
  handlers(execution: Execution, serving: Subscription): SubscriptionHandlers;
  /** The event was redriven: what failed until then succeeds. */
  redriven(number: number): void;
  /** A new deployment: nothing fails any more. */
  mendAll(): void;
  /** How the consumer fares with the event. */
  of(number: number): Temper;
}

const GOOD: Temper = { kind: 'good' };
/** Two of them leave too little of an invocation to begin a third event. */
const SLOW_MS = 1_100;

const NEVER_HOLDS = {
  TableName: LEDGER_TABLE,
  Key: { id: 'what another has written meanwhile' },
  ConditionExpression: 'attribute_exists(id)',
};

/** What the handler calls cannot be reached, and says until when. */
class AwayError extends WaybillError {
  readonly code = 'AWAY';
  override readonly disposition = 'defer';
  readonly retryAfterSeconds = 2;
}

export function createTempers(
  subscription: Subscription,
  isFirst: boolean,
  plans: ReadonlyMap<number, EventPlan>,
  dealer: Dealer,
  hasEffect: (eventId: string) => boolean,
): Tempers {
  const mended = new Set<number>();
  const tries = new Map<number, number>();
  let allMended = false;
  let attempts = 0;

  const temperOf = (number: number): Temper => {
    const plan = plans.get(number);
    return plan === undefined || !(isFirst || plan.everywhere) ? GOOD : plan.temper;
  };

  const mischief = (number: number): Temper['kind'] => {
    const temper = temperOf(number);
    if (!('times' in temper)) return temper.kind;
    const tried = (tries.get(number) ?? 0) + 1;
    tries.set(number, tried);
    const isOver = typeof temper.times === 'number' ? tried > temper.times : mended.has(number);
    if (allMended) return 'good';
    if (temper.kind === 'defers' && temper.thenFails && tried === temper.times + 1) return 'fails';
    if (isOver) return 'good';
    dealer.count(`handler ${temper.kind}`);
    return temper.kind;
  };

  const handlerIn =
    (execution: Execution): EventHandler<typeof Followed> =>
    async ({ id, data }: { id: string; data: Numbered }, { tx }) => {
      // as code does that reads what it has written: an event that was handled before is none of its failures
      if (await execution.call('handler reads', () => hasEffect(id))) throw new PermanentError('it is there already');
      attempts += 1;
      tx.put({
        TableName: LEDGER_TABLE,
        Item: { id: `${subscription.name}/${attempts}`, consumer: subscription.name, eventId: id },
      });
      const kind = mischief(data.number);
      if (kind === 'slow') await execution.sleep(SLOW_MS);
      if (kind === 'loses races') tx.conditionCheck(NEVER_HOLDS);
      if (kind === 'publishes') tx.publish(Followed, { number: 0, group: 'a' });
      if (kind === 'fails') throw new Error('the handler fails');
      if (kind === 'defers') throw new AwayError();
      if (kind === 'permanent') throw new PermanentError('the handler refuses');
      if (kind !== 'kills') return;
      execution.die();
      await new Promise(() => undefined);
    };

  return {
    handlers: (execution, serving) => {
      const handler = handlerIn(execution);
      return handlersFor(serving, Object.fromEntries(serving.events.map(({ type }) => [type, handler])));
    },
    redriven: (number) => {
      const temper = temperOf(number);
      if ('times' in temper && temper.times === 'until redriven') mended.add(number);
    },
    mendAll: () => {
      allMended = true;
    },
    of: temperOf,
  };
}
