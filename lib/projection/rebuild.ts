import type { EventTypeKey } from '../contracts/index.ts';
import { type Clock, type EpochMs, toTimestamp } from '../shared/time.ts';
import { RebuildRefusedError } from './errors.ts';
import { giveUp } from './give-up.ts';
import { changeSince, isSameView } from './made-in.ts';
import type { GroupScanner, ViewSweeper } from './ports.ts';
import type { OpaqueProjection } from './projection.ts';
import type { Control, FailedGroup, RebuildJob } from './state-items.ts';
import { createVisits, type VisitDeps } from './visit-groups.ts';

export interface RebuildDeps extends VisitDeps {
  readonly projection: OpaqueProjection & {
    readonly subscription: { readonly events: readonly EventTypeKey[] };
  };
  readonly scanner: GroupScanner;
  readonly sweeper: ViewSweeper;
  readonly clock: Clock;
  /** How long the log keeps events. */
  readonly retentionSeconds: number;
}

/** The generation that answers queries. */
export interface ServedGeneration {
  readonly generation: number;
  readonly version: number;
  /** What was changed since it was made, so that it answers nothing; absent where it answers. */
  readonly incomplete?: string;
}

export interface RebuildStatus {
  readonly projection: string;
  /** Of the code that answers. */
  readonly version: number;
  readonly serving: ServedGeneration;
  /** The rebuild under way, or the last; undefined where there never was one. */
  readonly job: RebuildJob | undefined;
  /** Groups that keep the new generation from serving; the first hundred. */
  readonly failed: readonly FailedGroup[];
}

/** Builds a new generation of a view from the log, step by step: each step can be repeated, and cut off anywhere. */
export interface Rebuild {
  /**
   * Begins, or goes on with what was begun; what older code was building is given up.
   * @param terms.acceptHorizon what the log no longer holds may be missing from the new view
   * @throws RebuildRefusedError `REBUILD_BEYOND_HORIZON`, `REBUILD_OUTDATED`, `REBUILD_BUSY`
   */
  start(terms: { readonly acceptHorizon: boolean }): Promise<RebuildStatus>;
  /**
   * Goes on until it is done, is blocked, or the signal fires.
   * @param terms.acceptFailed the new generation may serve although some groups are not at their last event
   * @throws RebuildRefusedError `REBUILD_OUTDATED`, `REBUILD_BUSY`, `REBUILD_NONE`
   */
  advance(terms: { readonly acceptFailed: boolean }, signal: AbortSignal): Promise<RebuildStatus>;
  /** Gives the new generation up, if it was not yet; `advance` then deletes it. @throws RebuildRefusedError `REBUILD_NONE`, `REBUILD_BUSY` */
  abort(): Promise<RebuildStatus>;
  status(): Promise<RebuildStatus>;
}

export function createRebuild(deps: RebuildDeps): Rebuild {
  const { projection, state, scanner, sweeper, clock } = deps;
  const { name, version } = projection;
  const { madeIn: own } = deps.projector;
  const types = projection.subscription.events;
  const visits = createVisits(deps);
  const now = () => toTimestamp(clock.now());

  const refused = (code: RebuildRefusedError['code'], message: string) =>
    new RebuildRefusedError(code, `the rebuild of '${name}' ${message}`);
  const busy = () =>
    refused('REBUILD_BUSY', 'was changed by another run of it: let one do the work; --status shows it');

  const status = async (): Promise<RebuildStatus> => {
    const [{ serving: stored }, job] = await Promise.all([state.control(), state.job()]);
    const { generation, version: servingVersion } = stored;
    const change = changeSince(stored, own);
    const serving = { generation, version: servingVersion, ...(change === undefined ? {} : { incomplete: change }) };
    const isOpen = job?.phase === 'building' || job?.phase === 'closing' || job?.phase === 'blocked';
    return { projection: name, version, serving, job, failed: isOpen ? await state.failed(job.generation) : [] };
  };

  const current = async (): Promise<RebuildJob> => {
    const job = await state.job();
    if (job === undefined) throw refused('REBUILD_NONE', 'was never begun');
    return job;
  };

  const save = async (job: RebuildJob, change: Partial<RebuildJob>): Promise<RebuildJob> => {
    if ((await state.save({ job: { ...job, ...change } })) === 'conflict') throw busy();
    return { ...job, ...change, revision: job.revision + 1 };
  };

  /**
   * Not what older code was building, nor what was built by another schema or in another table; nor the mere deleting of
   * what is not this version's: a new one does that, too.
   */
  const isToGoOn = ({ phase, outcome, ...job }: RebuildJob, { serving, building }: Control): boolean => {
    if (phase === 'done' || job.version < version) return false;
    if (phase !== 'cleaning') return isOwn(job, building);
    return outcome === 'switched' && job.version === version && isSameView(serving.madeIn, own);
  };

  /** A newer version's schema is not known here, and it is refused as newer. */
  const isOwn = (job: Pick<RebuildJob, 'version'>, building: Control['building']): boolean =>
    job.version !== version || isSameView(building?.madeIn, own);

  const assertCurrent = (job: RebuildJob, { building }: Control): void => {
    if (job.phase === 'cleaning' || job.phase === 'done') return;
    if (job.version === version && isOwn(job, building)) return;
    throw refused(
      'REBUILD_OUTDATED',
      job.version === version
        ? 'was begun with another schema of the view, or in another table: abort it and begin anew'
        : `was begun by version ${job.version} of the code, and this is version ${version}: abort it and begin anew`,
    );
  };

  const assertWithinHorizon = async (acceptHorizon: boolean): Promise<void> => {
    const horizon = (clock.now() - deps.retentionSeconds * 1000) as EpochMs;
    if (acceptHorizon || (await scanner.createdAt()) > horizon) return;
    throw refused(
      'REBUILD_BEYOND_HORIZON',
      `can only bring back what the log holds, which is nothing from before ${toTimestamp(horizon)}: what the view knows from earlier would be gone; raise outboxRetentionDays before it is needed, or pass --accept-horizon`,
    );
  };

  /** One page of the log. */
  const build = async (job: RebuildJob, signal: AbortSignal): Promise<RebuildJob> => {
    const page = await scanner.page(types, job.scanKey);
    const done = await visits.visitAll(job.generation, page.groups, signal);
    const visited = done.filter((visit) => visit.kind === 'visited');
    const sums = {
      events: job.events + visited.reduce((sum, { events }) => sum + events, 0),
      readUnits: job.readUnits + page.readUnits,
    };
    // the page is gone through again: whoever was visited is at the end of the log, which costs two reads to see
    if (done.some(({ kind }) => kind === 'unfinished')) return save(job, sums);
    return save(job, {
      ...sums,
      groups: job.groups + done.length,
      truncatedGroups: job.truncatedGroups + visited.filter(({ truncated }) => truncated).length,
      scanKey: page.next,
      phase: page.next === undefined ? 'closing' : 'building',
    });
  };

  /** Visits again whom somebody noted, and switches when nobody is left. */
  const close = async (job: RebuildJob, acceptFailed: boolean, signal: AbortSignal): Promise<RebuildJob> => {
    const control = await state.control();
    const { building } = control;
    if (building?.generation !== job.generation) throw busy();
    if (building.noted) {
      const cleared = { ...control, building: { ...building, noted: false } };
      const closing: RebuildJob = { ...job, phase: 'closing' };
      const saved = await state.save({ control: cleared, job: closing });
      return saved === 'saved' ? { ...closing, revision: job.revision + 1 } : reread(job);
    }
    const left = await visits.revisitNoted(job.generation, signal);
    if (left === 'unfinished') return job;
    if (left === 'some-left' && !acceptFailed) return save(job, { phase: 'blocked' });
    const { generation } = job;
    const switched: RebuildJob = {
      ...job,
      phase: 'cleaning',
      outcome: 'switched',
      switchedAt: now(),
      scanKey: undefined,
    };
    // refused where a live event has noted a group since `control` was read
    const saved = await state.save({
      control: { ...control, serving: { generation, version: job.version, madeIn: own }, building: undefined },
      job: switched,
    });
    return saved === 'saved' ? { ...switched, revision: job.revision + 1 } : reread(job);
  };

  /** The control item changes with notes of live events, the job by another run only. */
  const reread = async (job: RebuildJob): Promise<RebuildJob> => {
    const stored = await current();
    if (stored.revision !== job.revision) throw busy();
    return stored;
  };

  const clean = async (job: RebuildJob): Promise<RebuildJob> => {
    const { serving } = await state.control();
    // whoever is late with a page may meet a rebuild that began since: its generation is a later one
    const gone = { upTo: job.generation, keep: serving.generation };
    const { deleted, next } = await sweeper.sweep(gone, job.scanKey);
    const deletedItems = job.deletedItems + deleted;
    if (next !== undefined) return save(job, { scanKey: next, deletedItems });
    return save(job, { scanKey: undefined, deletedItems, phase: 'done', finishedAt: now() });
  };

  return {
    status,

    async start({ acceptHorizon }) {
      const [control, before] = await Promise.all([state.control(), state.job()]);
      if (before !== undefined && isToGoOn(before, control)) {
        assertCurrent(before, control);
        return status();
      }
      if (version < control.serving.version) {
        throw refused(
          'REBUILD_OUTDATED',
          `cannot begin: version ${control.serving.version} of the code made the view that serves, and this is version ${version}: give the code a higher version and deploy it`,
        );
      }
      await assertWithinHorizon(acceptHorizon);
      const generation = Math.max(control.serving.generation, before?.generation ?? 0) + 1;
      const job: RebuildJob = { ...NEW_JOB, revision: before?.revision ?? 0, generation, version, startedAt: now() };
      const building = { generation, version, madeIn: own, noted: false };
      // from here on events go into what is built alone, where what serves is in a table that was replaced
      const isAbandoned = changeSince(control.serving, own) !== undefined;
      const serving = { ...control.serving, ...(isAbandoned ? { abandoned: true } : {}) };
      if ((await state.save({ control: { ...control, serving, building }, job })) === 'conflict') throw busy();
      return status();
    },

    async advance({ acceptFailed }, signal) {
      let job = await current();
      assertCurrent(job, await state.control());
      while (!signal.aborted && job.phase !== 'done') {
        if (job.phase === 'building') job = await build(job, signal);
        else if (job.phase === 'cleaning') job = await clean(job);
        else job = await close(job, acceptFailed, signal);
        if (job.phase === 'blocked') break;
      }
      return status();
    },

    async abort() {
      const [control, job] = await Promise.all([state.control(), current()]);
      if (job.phase === 'cleaning' && job.outcome === 'aborted') return status();
      if (job.phase === 'cleaning' || job.phase === 'done')
        throw refused('REBUILD_NONE', 'is over: there is nothing to abort');
      if ((await giveUp(state, control, job)) === 'conflict') throw busy();
      return status();
    },
  };
}

const NEW_JOB = {
  phase: 'building',
  outcome: undefined,
  switchedAt: undefined,
  finishedAt: undefined,
  scanKey: undefined,
  groups: 0,
  events: 0,
  truncatedGroups: 0,
  readUnits: 0,
  deletedItems: 0,
} as const;
