import {
  ContractError,
  defineSubscription,
  type EventDefinition,
  type Subscription,
  type SyncDefinition,
} from '../definitions/index.ts';
import type { EventOf } from '../event/index.ts';
import { type SyncDivergence, type SyncEvent, syncDiverged } from './events.ts';

export interface OutboundProps<Provider extends string, Events extends readonly EventDefinition[]> {
  readonly provider: Provider;
  /** Of the service itself, and of the sync's sink if what other providers change is to be written as well. */
  readonly events: Events;
  /** The local id of the entity that an event is of; undefined if the event is of none. */
  readonly localId: (event: EventOf<Events[number]>) => string | undefined;
  /** Name of the consumer, as of any subscription. @default `sync-<sync>-to-<provider>` */
  readonly name?: string;
}

/** A consumer that writes changes of ours to a provider, as it is declared. */
export interface SyncOutbound {
  readonly sync: string;
  readonly provider: string;
  /** Of the events, and of the sync's own when its entity differs from the provider's record. Claims events before. */
  readonly subscription: Subscription;
  readonly localId: (event: never) => string | undefined;
}

/**
 * Declares which events of ours lead to writes to a provider, once for the construct and the function.
 *
 * @example
 * export const stockToSupplier = defineOutbound(productSync, {
 *   provider: 'supplier-a',
 *   events: [StockLevelChanged],
 *   localId: ({ data }) => data.sku,
 * });
 *
 * @throws ContractError `CONTRACT_INVALID` listing all problems
 */
export function defineOutbound<Definition extends SyncDefinition, const Events extends readonly EventDefinition[]>(
  sync: Definition,
  props: OutboundProps<Extract<keyof Definition['providers'], string>, Events>,
): SyncOutbound {
  const { provider, events, localId, name = `sync-${sync.name}-to-${provider}` } = props;
  const detection = Object.hasOwn(sync.providers, provider) ? sync.providers[provider] : undefined;
  if (detection === undefined) {
    throw new ContractError(`outbound '${name}'`, [
      `provider '${provider}' is none of sync '${sync.name}', which has '${Object.keys(sync.providers).join("', '")}'`,
    ]);
  }
  if (!detection.outbound) {
    throw new ContractError(`outbound '${name}'`, [
      `provider '${provider}' of sync '${sync.name}' must be declared with 'outbound: true' in its 'detect'`,
    ]);
  }
  const diverged: SyncEvent<SyncDivergence> = syncDiverged(sync);
  return Object.freeze({
    sync: sync.name,
    provider,
    subscription: defineSubscription({ name, events: [...events, diverged], claim: 'before' }),
    localId,
  });
}
