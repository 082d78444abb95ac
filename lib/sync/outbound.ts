import type { HandlerContext, SubscriptionHandlers } from '../consumer/index.ts';
import { type CloudEvent, type Detection, hasCode } from '../definitions/index.ts';
import { causedBy } from '../event/index.ts';
import type { Outbox, UnitOfWork } from '../outbox/index.ts';
import { memberOf } from '../shared/thrown.ts';
import { addMs, type EpochMs } from '../shared/time.ts';
import { currentOf, SinkFailure, SourceFailure } from './calls.ts';
import type { Fields } from './change.ts';
import { SyncBusyError, SyncConflictError, SyncWiringError } from './errors.ts';
import { type SyncDivergence, syncDiverged } from './events.ts';
import type { SyncOutbound } from './outbound-definition.ts';
import type { ChangeDeps } from './plan.ts';
import { planChange } from './plan-change.ts';
import { planOutgoing } from './plan-outgoing.ts';
import { entityAfterDelete } from './plan-write.ts';
import type { ChangeSource, CreateAnswer, ProviderWriter, WriteAnswer } from './ports.ts';
import { NO_COUNTS, type Outgoing, type SubscriptionKey } from './state.ts';
import type { SyncTelemetry } from './telemetry.ts';
import { collectWritten } from './written.ts';

export interface OutboundDeps extends ChangeDeps {
  readonly sources: Readonly<Record<string, ChangeSource>>;
  readonly outbox: Outbox;
  readonly telemetry: SyncTelemetry;
}

/** Each round is one conflict: the provider's change is taken, and what still differs is written. */
const MOST_ROUNDS = 5;

/** Another execution may be sending what it has stored. */
const SENDING_MS = 90_000;

type Context = Pick<HandlerContext, 'tx' | 'signal' | 'idempotencyKey' | 'afterCommit'>;

/**
 * Writes changes of ours to a provider. Before it is sent, a request is stored with its idempotency key, so that each
 * attempt sends the same; what the provider then has is remembered in the handler's own transaction.
 */
export function createOutboundHandlers(
  deps: OutboundDeps,
  outbound: SyncOutbound,
  writer: ProviderWriter<Fields>,
): SubscriptionHandlers {
  const { definition, store, outbox, clock, telemetry, sources } = deps;
  const { provider, subscription } = outbound;
  const [detection, source] = [definition.providers[provider], sources[provider]];
  if (outbound.sync !== definition.name || detection === undefined || source === undefined) {
    throw new SyncWiringError(definition.name, [`outbound '${subscription.name}' is of sync '${outbound.sync}'`]);
  }
  if (writer.create !== undefined && definition.match === undefined) {
    throw new SyncWiringError(definition.name, [
      `the writer of '${provider}' has 'create', so the definition needs 'match': a record that comes back before its answer is stored would be a second entity`,
    ]);
  }
  const key: SubscriptionKey = { sync: definition.name, provider };

  const take = async (event: CloudEvent, localId: string, context: Context): Promise<void> => {
    for (let round = 1; round <= MOST_ROUNDS; round++) {
      const outgoing = (await store.readOutgoing(key, localId)) ?? (await begin(event, localId, context));
      if (outgoing === undefined) return;
      const isOurs = outgoing.idempotencyKey.startsWith(keyPrefix(context));
      const busyFor = addMs(outgoing.at, SENDING_MS) - clock.now();
      if (!isOurs && busyFor > 0) throw new SyncBusyError(`${key.sync}#${provider}`, Math.ceil(busyFor / 1000));
      const answer = await send(outgoing, localId, context);
      if (answer.kind === 'conflict') {
        await takeTheirs(event, localId, outgoing, answer, context);
        continue;
      }
      const answeredAt = clock.now();
      if (isOurs) {
        await settle(context.tx, event, localId, outgoing, answer, answeredAt);
        context.afterCommit(() => telemetry.written(outgoing, provider));
        return;
      }
      // another event has begun it and will not end it: first that, then what differs now
      await outbox.transact((tx) => settle(tx, event, localId, outgoing, answer, answeredAt), causedBy(event));
      telemetry.written(outgoing, provider);
    }
    throw new SyncConflictError(`${key.sync}#${provider}`, MOST_ROUNDS);
  };

  const keyPrefix = ({ idempotencyKey }: Context): string => `${idempotencyKey}/${provider}/`;

  /** Stores what is to be sent. */
  const begin = async (event: CloudEvent, localId: string, context: Context): Promise<Outgoing | undefined> => {
    const keyFor = (revision: number) => `${keyPrefix(context)}${revision}`;
    const plan = await unwrapped(() =>
      planOutgoing(deps, { key, detection: detection as Detection, writer, localId, keyFor }),
    );
    if (plan === undefined) return undefined;
    const { outgoing, matchKey } = plan;
    await outbox.transact((tx) => {
      const writes = store.within(tx);
      writes.outgoing(key, localId, undefined, outgoing);
      if (matchKey !== undefined) writes.match(definition.entity, matchKey, localId);
    }, causedBy(event));
    return { ...outgoing, revision: 1 };
  };

  const send = async (
    outgoing: Outgoing,
    localId: string,
    { signal }: Context,
  ): Promise<WriteAnswer | CreateAnswer> => {
    const { kind, externalId = '', version, entity, print, idempotencyKey } = outgoing;
    const request = { localId, idempotencyKey, signal };
    const changed = print.fields as readonly Extract<keyof Fields, string>[];
    try {
      if (kind === 'update') return await writer.update({ ...request, entity, changed, externalId, version });
      // what the writer can do was asked when the request was decided; a deployment may have changed it since
      if (kind === 'create' && writer.create !== undefined) return await writer.create({ ...request, entity, changed });
      if (kind === 'delete' && writer.remove !== undefined)
        return await writer.remove({ ...request, externalId, version });
      throw new SyncWiringError(key.sync, [
        `the writer of '${provider}' has no '${kind}', with which a request was begun`,
      ]);
    } catch (error) {
      // the provider has refused the request itself: the next one is decided anew
      if (memberOf(error, 'disposition') === 'permanent' || hasCode(error, 'EXTERNAL_REQUEST_REJECTED')) {
        await outbox.transact((tx) => store.within(tx).outgoing(key, localId, outgoing, undefined));
      }
      throw error;
    }
  };

  /** Takes the provider's own change first; what it comes to is decided as for every change of the provider. */
  const takeTheirs = async (
    event: CloudEvent,
    localId: string,
    outgoing: Outgoing,
    answer: Extract<WriteAnswer | CreateAnswer, { kind: 'conflict' }>,
    { signal }: Context,
  ): Promise<void> => {
    const externalId = outgoing.externalId ?? ('externalId' in answer ? answer.externalId : '');
    const stored = await store.readRecord(key, externalId);
    const readAt = Math.max(clock.now(), ...(stored?.shadow?.prints.map(({ at }) => at) ?? [])) as EpochMs;
    const change = await unwrapped(() => currentOf(source, externalId, signal));
    const plan =
      change === undefined
        ? undefined
        : await unwrapped(() =>
            planChange(deps, {
              ...{ key, source, change, origin: 'get', readAt, stored, signal },
              ...{ generation: undefined, seenBy: 0, triedIn: event.id },
            }),
          );
    await outbox.transact(async (tx) => {
      store.within(tx).outgoing(key, localId, outgoing, undefined);
      await plan?.collect?.(tx, event.id);
    }, causedBy(event));
    if (plan !== undefined) telemetry.recorded(plan, externalId);
    // without `get`, or if their change cannot be taken, the next run brings it
    if (plan === undefined || plan.outcome === 'parked' || plan.outcome === 'undecided') {
      throw new SyncConflictError(`${key.sync}#${provider}`, 1);
    }
  };

  const settle = async (
    tx: UnitOfWork,
    event: CloudEvent,
    localId: string,
    outgoing: Outgoing,
    answer: Exclude<WriteAnswer | CreateAnswer, { kind: 'conflict' }>,
    at: EpochMs,
  ): Promise<void> => {
    const externalId = outgoing.externalId ?? ('externalId' in answer ? answer.externalId : '');
    const [stored, entity] = await Promise.all([
      store.readRecord(key, externalId),
      store.readEntity(definition.entity, localId),
    ]);
    const { version } = answer;
    const writes = store.within(tx);
    writes.outgoing(key, localId, outgoing, undefined);
    const revision = (stored?.revision ?? 0) + 1;
    if (outgoing.kind !== 'delete') {
      const print = { ...outgoing.print, at, until: addMs(at, outgoing.print.until - outgoing.print.at) };
      const written = { key, localId, externalId, print, bases: outgoing.bases, version };
      collectWritten(deps, tx, written, { stored, entity });
    } else if (stored?.shadow?.isDeleted === false) {
      const { shadow } = stored;
      const after = { ...shadow, version: version ?? shadow.version, isDeleted: true, changedAt: at, prints: [] };
      writes.record(key, stored, { ...stored, shadow: after, parked: undefined });
      const left = entityAfterDelete(entity, provider);
      writes.entity(definition.entity, localId, entity, left);
      if (left === undefined && stored.matchKey !== undefined) {
        writes.unmatch(definition.entity, stored.matchKey, localId);
      }
    }
    const item = { externalId, localId, changed: outgoing.print.fields, version, origin: 'outbound', at } as const;
    writes.item(event.id, { ...item, outcome: 'written', reason: undefined }, revision);
    writes.run({
      ...{ ...key, runId: event.id, mode: 'outbound', trigger: 'outbound', actor: undefined, approvedBy: undefined },
      ...{ status: 'succeeded', startedAt: outgoing.at, endedAt: at, slice: 1, counts: NO_COUNTS, reason: undefined },
    });
  };

  const handle = async (event: never, context: HandlerContext): Promise<void> => {
    const localId = outbound.localId(event);
    if (localId !== undefined) await take(event, localId, context);
  };
  const diverged = syncDiverged(definition).type;
  const ofDivergence = async (event: CloudEvent<SyncDivergence>, context: HandlerContext): Promise<void> => {
    if (event.data.provider === provider) await take(event, event.data.localId, context);
  };
  const handlers = Object.fromEntries(
    subscription.events.map(({ type }) => [type, type === diverged ? ofDivergence : handle]),
  );
  // each handler is only called with events of its own type
  return { subscription, handlers: handlers as unknown as SubscriptionHandlers['handlers'] };
}

/** What the source or the sink has thrown, as it was thrown: the consumer's policy knows it. */
async function unwrapped<Value>(call: () => Promise<Value>): Promise<Value> {
  try {
    return await call();
  } catch (error) {
    throw error instanceof SourceFailure || error instanceof SinkFailure ? error.cause : error;
  }
}
