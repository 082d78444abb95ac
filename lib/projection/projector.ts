import type { ContiguousLog, LogEntry, LoggedEvent } from '../consumer/index.ts';
import { type CloudEvent, findEventType, hasCode } from '../contracts/index.ts';
import { parseEvent, readEvent } from '../event/index.ts';
import type { Outbox, UnitOfWork } from '../outbox/index.ts';
import type { TenantTable } from '../tenancy/ports.ts';
import { draftCounters } from './draft-counters.ts';
import { draftItems } from './draft-items.ts';
import { ProjectionCatchingUpError, ProjectionContentionError, ProjectionStepError } from './errors.ts';
import { isLasting } from './is-lasting.ts';
import { type MadeIn, madeInOf, schemaOf } from './made-in.ts';
import type { Projection } from './projection.ts';
import type { ProjectionState } from './projection-state.ts';
import type { Generation, GroupPosition } from './state-items.ts';
import { createViewKeys, type StoredItem, type ViewKeys } from './stored-item.ts';
import type { ViewDraft } from './view-draft.ts';

export interface ProjectorDeps<Item> {
  readonly projection: Projection<Item>;
  readonly table: TenantTable<StoredItem>;
  readonly state: ProjectionState;
  readonly log: ContiguousLog;
  /** It publishes nothing: it commits what belongs together. */
  readonly outbox: Pick<Outbox, 'transact'>;
}

interface CatchUpRequest {
  readonly generation: number;
  readonly group: string;
  /** The last event to fold in. */
  readonly upTo: number;
  /** When to stop, between two transactions. */
  readonly signal: AbortSignal;
}

interface CaughtUp {
  /** Events that were folded in now. */
  readonly events: number;
  /** Whether the log no longer holds the group's first events. */
  readonly truncated: boolean;
}

/**
 * Folds events into a generation of the view, each once: nothing of an event is written unless the group's position in
 * that generation moves to it, from where it was read, in the same transaction.
 */
export interface Projector {
  /** Where what this code builds is stored. */
  readonly madeIn: MadeIn;
  /** Collects what the event changes; nothing where the generation holds it already. */
  apply(serving: Generation, event: CloudEvent, tx: UnitOfWork): Promise<void>;
  /**
   * Brings the group to `upTo` from the log, in as many transactions as that takes. Others may do the same meanwhile.
   * @throws ProjectionStepError `PROJECTION_STEP_FAILED`: an event cannot be folded in; those before it are
   * @throws ProjectionCatchingUpError `PROJECTION_CATCHING_UP`: the signal fired; what is done is done
   * @throws LogHoleError `LOG_HOLE`: the log does not show events that it must hold; those before them are folded in
   * @throws ProjectionContentionError `PROJECTION_CONTENTION`: others changed the same items at every attempt
   */
  catchUp(request: CatchUpRequest): Promise<CaughtUp>;
}

/** Each lost race is another's step: more of them in a row than this are a fault. */
const MAX_LOST_RACES = 50;

/** Few enough to be folded again where another was first. */
const PART_EVENTS = 100;

/** Where a group stands, and what of it the log holds next. */
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

  /** Folds and commits as many of the events as have room together. */
  const commitPart = async ({ generation, group, from, events }: Part): Promise<Committed> => {
    // what is built is stored by the view's schema: where that changed meanwhile, it is given up
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

  /** Where an event is at fault, or all are too large together, half of the part; in the end one event stands alone. */
  const commitWhatGoes = async (part: Part): Promise<Committed> => {
    const [first, ...more] = part.events;
    try {
      return await commitPart(part);
    } catch (error) {
      if (!isLasting(error) || first === undefined) throw error;
      if (more.length > 0) {
        return commitWhatGoes({ ...part, events: part.events.slice(0, Math.ceil(part.events.length / 2)) });
      }
      if (hasCode(error, 'PROJECTION_STEP_FAILED')) throw error;
      const type = first.kind === 'event' ? first.type : first.kind;
      throw new ProjectionStepError(projection.name, { group: part.group, sequence: first.sequence, type }, error);
    }
  };

  return {
    madeIn: madeInOf(projection.view, table.tableName),

    async apply({ generation, madeIn }, event, tx) {
      const { partitionkey: group } = event;
      const sequence = Number(event.sequence);
      const schema = schemaOf(projection.view, { madeIn });
      const made = table.withSchema(schema);
      const draft = draftView({ projection, table: made, keys: createViewKeys(schema), generation });
      // side by side: what folding comes to is asked for only where the generation does not hold the event yet
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
      /** What retention has taken is no reason to wait. */
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
          const { folded, to } = await commitWhatGoes({ generation, group, from, events: entries });
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
  /** Of the schema that the generation's items are stored by. */
  readonly table: TenantTable<StoredItem>;
  readonly keys: ViewKeys;
  readonly generation: number;
}

const draftView = <Item>({ projection, ...options }: DraftOptions<Item>): ViewDraft =>
  projection.kind === 'items' ? draftItems(projection, options) : draftCounters(projection, options);
