import type { ContiguousLog, LogEntry, LoggedEvent } from '../consumer/index.ts';
import { type CloudEvent, findEventType, hasCode } from '../definitions/index.ts';
import { parseEvent, readEvent } from '../event/index.ts';
import type { Outbox, UnitOfWork } from '../outbox/index.ts';
import type { TenantTable } from '../tenancy/ports.ts';
import { isLasting, ProjectionCatchingUpError, ProjectionContentionError, ProjectionStepError } from './errors.ts';
import { type GenerationSchema, generationSchemaOf, schemaOf } from './generation-schema.ts';
import type { Projection } from './projection.ts';
import type { ProjectionState } from './projection-state.ts';
import type { Generation, GroupPosition } from './state-items.ts';
import type { ViewDraft } from './view-draft.ts';
import { draftCounters, draftItems } from './view-draft.ts';
import { createViewKeys, type StoredItem, type ViewKeys } from './view-items.ts';

export interface ProjectorDeps<Item> {
  readonly projection: Projection<Item>;
  readonly table: TenantTable<StoredItem>;
  readonly state: ProjectionState;
  readonly log: ContiguousLog;
  /** Commits a part's writes together. The projector publishes no events. */
  readonly outbox: Pick<Outbox, 'transact'>;
}

interface CatchUpRequest {
  readonly generation: number;
  readonly group: string;
  /** Sequence of the last event to project. */
  readonly upTo: number;
  /** Stops the work between two transactions. */
  readonly signal: AbortSignal;
}

interface CaughtUp {
  /** Number of events that this call projected. */
  readonly events: number;
  /** True if the log no longer holds the group's first events. */
  readonly truncated: boolean;
}

/**
 * Writes events to a generation of the view, each exactly once: each transaction also moves the group's position in
 * that generation, on condition that it has not changed since it was read.
 */
export interface Projector {
  /** The schema and table of the generations that this code builds. */
  readonly madeIn: GenerationSchema;
  /** Adds the event's writes to `tx`; none if the generation already has the event. */
  apply(serving: Generation, event: CloudEvent, tx: UnitOfWork): Promise<void>;
  /**
   * Projects the group's events from the log up to `upTo`, in as many transactions as needed. Other executions may do
   * the same at the same time.
   * @throws ProjectionStepError `PROJECTION_STEP_FAILED`: an event cannot be projected; earlier events are committed
   * @throws ProjectionCatchingUpError `PROJECTION_CATCHING_UP`: the signal was aborted; earlier events are committed
   * @throws LogHoleError `LOG_HOLE`: events are missing from the log; earlier events are committed
   * @throws ProjectionContentionError `PROJECTION_CONTENTION`: other writers changed the same items at every attempt
   */
  catchUp(request: CatchUpRequest): Promise<CaughtUp>;
}

/** Each conflict means that another execution made progress. More than this many in a row are an error. */
const MAX_LOST_RACES = 50;

/** Few enough to repeat after a conflict. */
const PART_EVENTS = 100;

/** A group's position, and the next events of its log. */
interface Part {
  readonly generation: number;
  readonly group: string;
  readonly from: GroupPosition;
  readonly events: readonly LogEntry[];
}

interface Committed {
  readonly folded: number;
  readonly to: GroupPosition;
}

export function createProjector<Item>({ projection, table, state, log, outbox }: ProjectorDeps<Item>): Projector {
  const ownKeys = createViewKeys(projection.view);

  const readLogged = async (group: string, logged: LoggedEvent): Promise<CloudEvent | undefined> => {
    const { sequence, type, body } = logged;
    const definition = findEventType(projection.subscription.events, logged);
    if (definition === undefined) return undefined;
    try {
      return await readEvent(definition, parseEvent(body));
    } catch (cause) {
      throw new ProjectionStepError(projection.name, { group, sequence, type }, cause);
    }
  };

  /** Commits as many of the events as fit in one transaction. */
  const commitPart = async ({ generation, group, from, events }: Part): Promise<Committed> => {
    // a generation that is being built has the view's current schema; if the schema changes, the rebuild is aborted
    const draft = draftView({ projection, table, keys: ownKeys, generation });
    let folded = 0;
    let { position } = from;
    for (const logged of events) {
      const event = logged.kind === 'event' ? await readLogged(group, logged) : undefined;
      if (event !== undefined && (await draft.fold(event)) === 'full') break;
      if (event !== undefined) folded += 1;
      position = logged.sequence;
    }
    const to = { position, since: from.since || (events[0]?.sequence ?? 0) };
    await outbox.transact((tx) => {
      draft.stage(table.within(tx));
      tx.put(state.positionWrite(generation, group, from, to));
    });
    return { folded, to };
  };

  /** If an event fails or the transaction is too large, tries half of the events, down to a single event. */
  const commitOrSplit = async (part: Part): Promise<Committed> => {
    const [first, ...more] = part.events;
    try {
      return await commitPart(part);
    } catch (error) {
      if (!isLasting(error) || first === undefined) throw error;
      if (more.length > 0) {
        return commitOrSplit({ ...part, events: part.events.slice(0, Math.ceil(part.events.length / 2)) });
      }
      if (hasCode(error, 'PROJECTION_STEP_FAILED')) throw error;
      const type = first.kind === 'event' ? first.type : first.kind;
      throw new ProjectionStepError(projection.name, { group: part.group, sequence: first.sequence, type }, error);
    }
  };

  return {
    madeIn: generationSchemaOf(projection.view, table.tableName),

    async apply({ generation, madeIn }, event, tx) {
      const { partitionkey: group } = event;
      const sequence = Number(event.sequence);
      const schema = schemaOf(projection.view, { madeIn });
      const made = table.withSchema(schema);
      const draft = draftView({ projection, table: made, keys: createViewKeys(schema), generation });
      // run both at once; an error of folding counts only if the generation does not have the event yet
      const folding = draft.fold(event);
      folding.catch(() => undefined);
      const before = await state.position(generation, group);
      if (before.position >= sequence) return;
      await folding;
      draft.stage(made.within(tx));
      tx.put(state.positionWrite(generation, group, before, { position: sequence, since: before.since || sequence }));
    },

    async catchUp({ generation, group, upTo, signal }) {
      let from = await state.position(generation, group);
      let events = 0;
      let lostRaces = 0;
      /** Events that retention has deleted are skipped. */
      let expiredUpTo = 0;
      while (from.position < upTo) {
        const after = Math.max(from.position, expiredUpTo);
        const run = await log.next(group, after, upTo);
        if (run === undefined) break;
        if (signal.aborted) throw new ProjectionCatchingUpError(projection.name, group, generation);
        if (run.kind === 'expired') {
          expiredUpTo = run.places.to;
          continue;
        }
        const entries = run.entries.slice(0, PART_EVENTS);
        try {
          const { folded, to } = await commitOrSplit({ generation, group, from, events: entries });
          from = to;
          events += folded;
          lostRaces = 0;
        } catch (error) {
          if (!hasCode(error, 'OUTBOX_CONDITION_FAILED')) throw error;
          lostRaces += 1;
          if (lostRaces === MAX_LOST_RACES) throw new ProjectionContentionError(projection.name, group, error);
          from = await state.position(generation, group);
        }
      }
      return { events, truncated: from.since > 1 };
    },
  };
}

interface DraftOptions<Item> {
  readonly projection: Projection<Item>;
  /** With the schema of the generation's stored items. */
  readonly table: TenantTable<StoredItem>;
  readonly keys: ViewKeys;
  readonly generation: number;
}

const draftView = <Item>({ projection, ...options }: DraftOptions<Item>): ViewDraft =>
  projection.kind === 'items' ? draftItems(projection, options) : draftCounters(projection, options);
