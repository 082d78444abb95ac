import type { Outbox, UnitOfWork } from '../outbox/index.ts';
import type { Clock } from '../shared/time.ts';
import type { Change } from './change.ts';
import { SyncCommandError } from './errors.ts';
import { type SyncMode, type SyncScope, syncChanged, syncContinued, syncRequested } from './events.ts';
import type { ScheduleStore } from './schedule-store.ts';
import type { ScopeKey, ScopeState, StoredRecord, SyncAction } from './state.ts';
import type { SyncStore } from './sync-store.ts';

export interface SyncCommandsDeps {
  /** Of the sync. */
  readonly name: string;
  readonly store: SyncStore;
  readonly schedules: ScheduleStore;
  readonly outbox: Outbox;
  readonly clock: Clock;
  /** Different for every call. */
  readonly newToken: () => string;
}

/** Who does something, and why. */
export interface SyncActor {
  readonly by: string;
  readonly reason?: string | undefined;
}

/** What people do with a sync's subscriptions, of the current tenant. Each action is recorded with who did it. */
export interface SyncCommands<Provider extends string = string> {
  /** Asks for a run. @returns its id */
  request(provider: Provider, mode: SyncMode, actor: SyncActor): Promise<string>;
  /**
   * Lets a run delete what it found missing.
   * @throws SyncCommandError `SYNC_COMMAND_REFUSED` if the run does not wait for it
   */
  approve(provider: Provider, runId: string, actor: SyncActor): Promise<void>;
  /**
   * Ends the run of a scope. What it has done stays.
   * @returns the run's id
   * @throws SyncCommandError `SYNC_COMMAND_REFUSED` if there is none
   */
  cancel(provider: Provider, scope: SyncScope, actor: SyncActor): Promise<string>;
  /**
   * Drops a parked change: the record stays as it is until it changes again.
   * @throws SyncCommandError `SYNC_COMMAND_REFUSED` if the record is not parked
   */
  skip(provider: Provider, externalId: string, actor: SyncActor): Promise<void>;
  /**
   * Tries a parked record again at once, as it is at its source.
   * @returns the event's id
   * @throws SyncCommandError `SYNC_COMMAND_REFUSED` if the record is not parked
   */
  retry(provider: Provider, externalId: string, actor: SyncActor): Promise<string>;
  /**
   * Stops the schedule: no run begins by itself until `start`.
   * @throws SyncCommandError `SYNC_COMMAND_REFUSED` if none runs
   */
  stop(provider: Provider, actor: SyncActor): Promise<void>;
  /** Starts a stopped schedule: runs are due at once. @throws SyncCommandError `SYNC_COMMAND_REFUSED` if none is stopped */
  start(provider: Provider, actor: SyncActor): Promise<void>;
}

const SCOPES = ['increment', 'full'] as const;

export function createSyncCommands(deps: SyncCommandsDeps): SyncCommands {
  const { name, store, schedules, outbox, clock } = deps;
  const keyOf = (provider: string) => ({ sync: name, provider });

  /** Runs the action and records it, in one transaction. @returns the id of the event that it publishes */
  const act = async (
    provider: string,
    action: Pick<SyncAction, 'action' | 'target'>,
    { by, reason }: SyncActor,
    collect: (tx: UnitOfWork) => void,
  ): Promise<string> => {
    const { events } = await outbox.transact((tx) => {
      collect(tx);
      store.within(tx).action(keyOf(provider), { ...action, by, reason, at: clock.now() }, deps.newToken());
    });
    return events.map(({ id }) => id).join();
  };

  const parkedRecord = async (provider: string, externalId: string): Promise<StoredRecord> => {
    const stored = await store.readRecord(keyOf(provider), externalId);
    if (stored?.parked !== undefined) return stored;
    throw new SyncCommandError(
      `record '${externalId}' of '${name}#${provider}' is not parked: it was taken meanwhile, or its id is another`,
    );
  };

  const schedulesOf = async (provider: string) => {
    const keys = SCOPES.map((scope): ScopeKey => ({ ...keyOf(provider), scope }));
    const stored = await Promise.all(keys.map(async (key) => ({ key, before: await schedules.read(key) })));
    return stored.flatMap(({ key, before }) => (before === undefined ? [] : [{ key, before }]));
  };

  return {
    request: (provider, mode, actor) =>
      act(provider, { action: mode, target: undefined }, actor, (tx) =>
        tx.publish(syncRequested({ name }), { provider, mode, trigger: 'manual', actor: actor.by }),
      ),

    async approve(provider, runId, actor) {
      const { run } = await store.readScope({ ...keyOf(provider), scope: 'full' });
      if (run?.runId !== runId || run.status !== 'awaiting-approval') throw notWaiting(runId, run);
      const { slice } = run;
      await act(provider, { action: 'approve', target: runId }, actor, (tx) =>
        tx.publish(syncContinued({ name }), { provider, scope: 'full', runId, slice, approvedBy: actor.by }),
      );
    },

    async cancel(provider, which, actor) {
      const key = { ...keyOf(provider), scope: which };
      const scope = await store.readScope(key);
      const { run } = scope;
      if (run === undefined) throw new SyncCommandError(`'${name}#${provider}' has no run in scope '${which}'`);
      const { runId, mode, trigger, startedAt, slice, counts, approvedBy } = run;
      await act(provider, { action: 'cancel', target: runId }, actor, (tx) => {
        const writes = store.within(tx);
        writes.scope(key, scope, {
          ...scope,
          ...{ run: undefined, next: undefined, holder: undefined, heldUntil: clock.now() },
        });
        writes.run({
          ...{ ...keyOf(provider), runId, mode, trigger, startedAt, slice, counts, approvedBy, actor: run.actor },
          status: 'cancelled',
          endedAt: clock.now(),
          reason: { code: 'SYNC_CANCELLED', message: `cancelled by ${actor.by}` },
        });
      });
      return runId;
    },

    async skip(provider, externalId, actor) {
      const stored = await parkedRecord(provider, externalId);
      await act(provider, { action: 'skip', target: externalId }, actor, (tx) =>
        store.within(tx).record(keyOf(provider), stored, { ...stored, parked: undefined }),
      );
    },

    async retry(provider, externalId, actor) {
      const { parked } = await parkedRecord(provider, externalId);
      const kept = parked?.change === undefined ? undefined : (JSON.parse(parked.change) as Change);
      return act(provider, { action: 'retry', target: externalId }, actor, (tx) =>
        tx.publish(syncChanged({ name }), { provider, trigger: 'manual', change: kept ?? askedFor(externalId) }),
      );
    },

    async stop(provider, actor) {
      const running = (await schedulesOf(provider)).filter(({ before }) => before.stopped === undefined);
      if (running.length === 0) throw new SyncCommandError(`'${name}#${provider}' has no schedule that runs`);
      const stopped = { by: actor.by, at: clock.now() };
      await act(provider, { action: 'stop', target: undefined }, actor, (tx) => {
        for (const { key, before } of running) schedules.write(tx, key, before, { ...before, stopped });
      });
    },

    async start(provider, actor) {
      const now = clock.now();
      const stopped = (await schedulesOf(provider)).filter(({ before }) => before.stopped !== undefined);
      if (stopped.length === 0) throw new SyncCommandError(`'${name}#${provider}' has no schedule that is stopped`);
      await act(provider, { action: 'start', target: undefined }, actor, (tx) => {
        for (const { key, before } of stopped) {
          const schedule = { ...before.schedule, nextAt: now, asked: 0, okAt: now };
          schedules.write(tx, key, before, { schedule, stopped: undefined });
        }
      });
    },
  };
}

/** Without a row, the source is asked. */
const askedFor = (externalId: string) => ({ kind: 'upsert', externalId }) as const;

const notWaiting = (runId: string, run: ScopeState['run']): SyncCommandError =>
  new SyncCommandError(
    run === undefined
      ? `run '${runId}' does not wait for an approval: the subscription has no full read under way`
      : `run '${runId}' does not wait for an approval: run '${run.runId}' is '${run.status}'`,
  );
