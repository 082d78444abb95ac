import type { LogEntry, LogTombstone } from '../../../lib/consumer/index.ts';
import { createProjector, type Projection, parseStoredItem } from '../../../lib/projection/index.ts';
import { createTenantTable } from '../../../lib/tenancy/index.ts';
import { createInMemoryEventLog } from '../../../lib/testing/in-memory-event-log.ts';
import { createInMemoryTableStore } from '../../../lib/testing/in-memory-table-store.ts';
import { createRig } from './rig.ts';

export const GROUP = 'account#a';

/** Built beside the one that serves, which is the first. */
const GENERATION = 2;

export interface BareProjectorOptions {
  /** Places of the group that are empty for good. @default - none */
  readonly tombstones?: readonly LogTombstone[];
  /** Where it throws, nothing is committed. @default - does not */
  readonly beforeCommit?: () => void;
}

/** A projector with a log that shows all that it holds at once, and a record of what it asks and commits. */
export function createBareProjector<Item>(projection: Projection<Item>, options: BareProjectorOptions = {}) {
  const { tombstones = [], beforeCommit } = options;
  const rig = createRig(projection);
  const { outbox, state, tables, tenancy } = rig;
  const asked: number[] = [];
  const committed: number[] = [];
  const store = createInMemoryTableStore(tables);
  const schema = projection.view;
  const projector = createProjector({
    projection,
    table: createTenantTable({ tableName: 'view', schema, tenancy, parse: parseStoredItem, store, outbox }),
    state,
    outbox: {
      async transact(collect) {
        beforeCommit?.();
        const done = await outbox.transact(collect);
        committed.push((await state.position(GENERATION, GROUP)).position);
        return done;
      },
    },
    log: {
      async next(group, after, upTo) {
        asked.push(after);
        const { events } = rig.memory.outboxStore;
        const pages = createInMemoryEventLog({ events, tombstones: new Map([[GROUP, tombstones]]) });
        const entries: LogEntry[] = [];
        for (let page = await pages.read(group, after, upTo); page.length > 0; ) {
          entries.push(...page);
          page = await pages.read(group, page.at(-1)?.sequence ?? upTo, upTo);
        }
        return entries.length === 0 ? undefined : { kind: 'entries', entries };
      },
    },
  });
  return {
    publish: rig.publish,
    /** After which places the log was asked. */
    asked,
    /** Where the group stood after each commit. */
    committed,
    catchUp: (upTo: number, signal = new AbortController().signal) =>
      projector.catchUp({ generation: GENERATION, group: GROUP, upTo, signal }),
  };
}
