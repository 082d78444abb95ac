import type { EventTypeKey } from '../definitions/index.ts';
import { type Clock, type EpochMs, toTimestamp } from '../shared/time.ts';
import { RebuildRefusedError } from './errors.ts';
import { changeSince, isSameView } from './generation-schema.ts';
import { createGroupReplay, type GroupReplayDeps } from './group-replay.ts';
import type { GroupScanner, ViewSweeper } from './ports.ts';
import type { OpaqueProjection } from './projection.ts';
import { abortRebuild } from './projection-state.ts';
import type { Control, FailedGroup, RebuildJob } from './state-items.ts';

export interface RebuildDeps extends GroupReplayDeps {
  readonly projection: OpaqueProjection & {
    readonly subscription: { readonly events: readonly EventTypeKey[] };
  };
  readonly scanner: GroupScanner;
  readonly sweeper: ViewSweeper;
  readonly clock: Clock;
  /** How long the log keeps events. */
  readonly retentionSeconds: number;
}

/** The generation that serves queries. */
export interface ServedGeneration {
  readonly generation: number;
  readonly version: number;
  /** The change because of which it cannot answer; absent if it can. */
  readonly incomplete?: string;
}

export interface RebuildStatus {
  readonly projection: string;
  /** Version of the code that runs this rebuild. */
  readonly version: number;
  readonly serving: ServedGeneration;
  /** The current or the last rebuild; undefined if there never was one. */
  readonly job: RebuildJob | undefined;
  /** Failed groups, which keep the new generation from serving; at most 100. */
  readonly failed: readonly FailedGroup[];
}

/** Builds a new generation of a view from the log. Each step can be interrupted and repeated. */
export interface Rebuild {
  /**
   * Starts a rebuild, or continues the current one. Replaces a rebuild that older code started.
   * @param terms.acceptHorizon the new view may lack events that the log no longer holds
   * @throws RebuildRefusedError `REBUILD_BEYOND_HORIZON`, `REBUILD_OUTDATED`, `REBUILD_BUSY`
   */
  start(terms: { readonly acceptHorizon: boolean }): Promise<RebuildStatus>;
  /**
   * Continues until the rebuild is done or blocked, or the signal is aborted.
   * @param terms.acceptFailed the new generation may serve although some groups failed
   * @throws RebuildRefusedError `REBUILD_OUTDATED`, `REBUILD_BUSY`, `REBUILD_NONE`
   */
  advance(terms: { readonly acceptFailed: boolean }, signal: AbortSignal): Promise<RebuildStatus>;
  /**
   * Aborts the rebuild; `advance` then deletes its items. @throws RebuildRefusedError
   * `REBUILD_NONE`, `REBUILD_BUSY`
   */
  abort(): Promise<RebuildStatus>;
  status(): Promise<RebuildStatus>;
}

export function createRebuild(deps: RebuildDeps): Rebuild {
  const { projection, state, scanner, sweeper, clock } = deps;
  const { name, version } = projection;
  const { madeIn: own } = deps.projector;
  const types = projection.subscription.events;
  const replays = createGroupReplay(deps);
  const now = () => toTimestamp(clock.now());

  const refused = (code: RebuildRefusedError['code'], message: string) =>
    new RebuildRefusedError(code, `the rebuild of '${name}' ${message}`);
  const busy = () =>
    refused('REBUILD_BUSY', 'is being run by another process: run it only once; --status shows its progress');

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
    if (job === undefined) throw refused('REBUILD_NONE', 'was never started');
    return job;
  };

  const save = async (job: RebuildJob, change: Partial<RebuildJob>): Promise<RebuildJob> => {
    if ((await state.save({ job: { ...job, ...change } })) === 'conflict') throw busy();
    return { ...job, ...change, revision: job.revision + 1 };
  };

  /**
   * Does not continue rebuilds of older versions or with another schema or table, nor pure clean-ups of them: a new
   * rebuild deletes their items too.
   */
  const canContinue = ({ phase, outcome, ...job }: RebuildJob, { serving, building }: Control): boolean => {
    if (phase === 'done' || job.version < version) return false;
    if (phase !== 'cleaning') return isOwn(job, building);
    return outcome === 'switched' && job.version === version && isSameView(serving.madeIn, own);
  };

  /** The schema of a newer version is unknown here; such a job is refused because of its version. */
  const isOwn = (job: Pick<RebuildJob, 'version'>, building: Control['building']): boolean =>
    job.version !== version || isSameView(building?.madeIn, own);

  const assertCurrent = (job: RebuildJob, { building }: Control): void => {
    if (job.phase === 'cleaning' || job.phase === 'done') return;
    if (job.version === version && isOwn(job, building)) return;
    throw refused(
      'REBUILD_OUTDATED',
      job.version === version
        ? 'was started with another schema or table of the view: abort it and start again'
        : `was started by version ${job.version} of the code, and this is version ${version}: abort it and start again`,
    );
  };

  const assertWithinHorizon = async (acceptHorizon: boolean): Promise<void> => {
    const horizon = (clock.now() - deps.retentionSeconds * 1000) as EpochMs;
    if (acceptHorizon || (await scanner.createdAt()) > horizon) return;
    throw refused(
      'REBUILD_BEYOND_HORIZON',
      `would lose data: the log holds no events from before ${toTimestamp(horizon)}; raise outboxRetentionDays in time, or pass --accept-horizon to accept the loss`,
    );
  };

  /** One page of the log. */
  const build = async (job: RebuildJob, signal: AbortSignal): Promise<RebuildJob> => {
    const page = await scanner.page(types, job.scanKey);
    const done = await replays.replayAll(job.generation, page.groups, signal);
    const replayed = done.filter((replay) => replay.kind === 'replayed');
    const sums = {
      events: job.events + replayed.reduce((sum, { events }) => sum + events, 0),
      readUnits: job.readUnits + page.readUnits,
    };
    // the page is repeated; a group that is already up to date costs two reads
    if (done.some(({ kind }) => kind === 'unfinished')) return save(job, sums);
    return save(job, {
      ...sums,
      groups: job.groups + done.length,
      truncatedGroups: job.truncatedGroups + replayed.filter(({ truncated }) => truncated).length,
      scanKey: page.next,
      phase: page.next === undefined ? 'closing' : 'building',
    });
  };

  /** Retries the failed groups, and switches to the new generation when none is left. */
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
    const left = await replays.retryFailed(job.generation, signal);
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
    // conflicts if a live event recorded a failed group since `control` was read
    const saved = await state.save({
      control: { ...control, serving: { generation, version: job.version, madeIn: own }, building: undefined },
      job: switched,
    });
    return saved === 'saved' ? { ...switched, revision: job.revision + 1 } : reread(job);
  };

  /** Live events may change the control item; only another run of the rebuild changes the job. */
  const reread = async (job: RebuildJob): Promise<RebuildJob> => {
    const stored = await current();
    if (stored.revision !== job.revision) throw busy();
    return stored;
  };

  const clean = async (job: RebuildJob): Promise<RebuildJob> => {
    const { serving } = await state.control();
    // a late call must not delete the generation of a rebuild that started since; that generation has a higher number
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
      if (before !== undefined && canContinue(before, control)) {
        assertCurrent(before, control);
        return status();
      }
      if (version < control.serving.version) {
        throw refused(
          'REBUILD_OUTDATED',
          `cannot start: version ${control.serving.version} of the code built the serving view, and this is version ${version}: raise the version and deploy it`,
        );
      }
      await assertWithinHorizon(acceptHorizon);
      const generation = Math.max(control.serving.generation, before?.generation ?? 0) + 1;
      const job: RebuildJob = { ...NEW_JOB, revision: before?.revision ?? 0, generation, version, startedAt: now() };
      const building = { generation, version, madeIn: own, noted: false };
      // if the serving generation's table was replaced, events from now on go to the new generation only
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
        throw refused('REBUILD_NONE', 'has finished: there is nothing to abort');
      if ((await abortRebuild(state, control, job)) === 'conflict') throw busy();
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
