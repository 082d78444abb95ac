import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { hasCode, PROJECTION_STATE_TABLE } from '../definitions/index.ts';
import { ifUnchanged, type PutWrite, type UnitOfWork } from '../outbox/index.ts';
import { marshallItem, unmarshallItem } from '../shared/marshalling.ts';
import { assertStoredFormat, STORED_FORMAT } from '../shared/stored-format.ts';
import { addMs, type Clock, toEpochSeconds } from '../shared/time.ts';
import type { TableStore } from '../tenancy/ports.ts';
import type { GenerationSchema } from './generation-schema.ts';
import {
  type Control,
  controlOf,
  type FailedGroup,
  FIRST_CONTROL,
  failedGroupOf,
  type GroupPosition,
  groupPositionOf,
  type RebuildJob,
  rebuildJobOf,
} from './state-items.ts';

export interface ProjectionStateOptions {
  readonly store: TableStore;
  readonly tableName: string;
  readonly clock: Clock;
  /**
   * How long a group's position is kept after its last event. Must be longer than the log and the queues keep the
   * event.
   */
  readonly positionSeconds: number;
}

/**
 * The state of a projection: its generations, its rebuild and the position of each group. All reads are strongly
 * consistent.
 */
export interface ProjectionState {
  control(): Promise<Control>;
  job(): Promise<RebuildJob | undefined>;
  /** Writes the given items in one transaction. @returns 'conflict' if one of them changed since it was read */
  save(changed: { readonly control?: Control; readonly job: RebuildJob }): Promise<'saved' | 'conflict'>;
  /**
   * Records the schema and table of the serving generation, which older code did not record.
   * @returns 'conflict' if the control item changed since it was read
   */
  adopt(control: Control, madeIn: GenerationSchema): Promise<'saved' | 'conflict'>;
  /** How far the generation has processed the group. */
  position(generation: number, group: string): Promise<GroupPosition>;
  /** Moves the position, on condition that it has not changed since it was read. */
  positionWrite(generation: number, group: string, from: GroupPosition, to: GroupPosition): PutWrite;
  /**
   * Records that the group must be replayed again before the new generation can serve. Conditional on `control`: the
   * same generation must still be building, and its failed groups must not have been retried since `control` was read.
   */
  noteFailed(tx: UnitOfWork, control: Control, failed: FailedGroup): void;
  /** A page of the failed groups, in the order of their names; empty if there are no more. */
  failed(generation: number, after?: string): Promise<readonly FailedGroup[]>;
  /** Removes the group from the failed groups, unless it failed again since. */
  resolveFailed(generation: number, failed: FailedGroup): Promise<void>;
}

const CONTROL = { id: 'control', name: 'control' };
const JOB = { id: 'rebuild', name: 'rebuild' };
const FAILED_PAGE_ITEMS = 100;
/** Names the item in errors of marshalling. */
const WHAT = "an item of the projection's state";

/** Reads which generation serves, for code that only queries the view. */
export const createControlReader = (
  store: Pick<TableStore, 'get'>,
  tableName: string,
): Pick<ProjectionState, 'control'> => ({
  async control() {
    const item = await store.get(tableName, marshallItem(CONTROL, WHAT));
    if (item === undefined) return FIRST_CONTROL;
    assertStoredFormat(item, WHAT);
    return controlOf(unmarshallItem(item));
  },
});

export function createProjectionState(options: ProjectionStateOptions): ProjectionState {
  const { store, tableName, clock, positionSeconds } = options;
  const read = async (key: Record<string, string>): Promise<Record<string, unknown> | undefined> => {
    const item = await store.get(tableName, marshallItem(key, WHAT));
    if (item === undefined) return undefined;
    assertStoredFormat(item, WHAT);
    return unmarshallItem(item);
  };
  const expiring = () => ({
    [PROJECTION_STATE_TABLE.timeToLiveAttribute]: toEpochSeconds(addMs(clock.now(), positionSeconds * 1000)),
  });
  const write = async (writes: readonly TransactWriteItem[]): Promise<'saved' | 'conflict'> => {
    try {
      await store.write(writes);
      return 'saved';
    } catch (error) {
      if (hasCode(error, 'OUTBOX_CONDITION_FAILED')) return 'conflict';
      throw error;
    }
  };
  /** @param next the new revision; another one, so that writers that read the old item get a conflict */
  const replacing = (
    key: Record<string, string>,
    { revision, ...content }: Control | RebuildJob,
    next = revision + 1,
  ): PutWrite => ({
    TableName: tableName,
    Item: { ...STORED_FORMAT, ...content, ...key, revision: next },
    ...unchanged('revision', revision),
  });

  return {
    ...createControlReader(store, tableName),

    async job() {
      const item = await read(JOB);
      return item === undefined ? undefined : rebuildJobOf(item);
    },

    save: ({ control, job }) =>
      write([
        { Put: marshalled(replacing(JOB, job)) },
        ...(control === undefined ? [] : [{ Put: marshalled(replacing(CONTROL, control)) }]),
      ]),

    adopt: (control, madeIn) =>
      write([{ Put: marshalled(replacing(CONTROL, { ...control, serving: { ...control.serving, madeIn } })) }]),

    async position(generation, group) {
      const item = await read(positionKey(generation, group));
      return groupPositionOf(item ?? {});
    },

    positionWrite: (generation, group, from, to) => ({
      TableName: tableName,
      Item: { ...STORED_FORMAT, ...positionKey(generation, group), ...to, ...expiring() },
      ...unchanged('position', from.position),
    }),

    noteFailed(tx, control, failed) {
      const { revision, building } = control;
      if (building === undefined) return;
      const { generation, noted } = building;
      tx.put({
        TableName: tableName,
        Item: { ...STORED_FORMAT, ...failed, ...failedKey(generation, failed.group), ...expiring() },
      });
      // the revision changes with the first failed group only, so that concurrent events do not conflict with each
      // other
      const next = noted ? revision : revision + 1;
      tx.put(replacing(CONTROL, { ...control, building: { ...building, noted: true } }, next));
    },

    async failed(generation, after) {
      const { partitionKey, sortKey } = PROJECTION_STATE_TABLE;
      let startKey = after === undefined ? undefined : marshallItem(failedKey(generation, after), WHAT);
      do {
        const page = await store.query({
          tableName,
          indexName: undefined,
          partition: { attribute: partitionKey.name, value: { S: failedId(generation) } },
          sort: { attribute: sortKey.name, beginsWith: undefined },
          keyAttributes: [partitionKey.name, sortKey.name],
          limit: FAILED_PAGE_ITEMS,
          startKey,
          newestFirst: false,
        });
        const noted = page.items.map((item) => unmarshallItem(item)).filter(({ resolved }) => resolved !== true);
        if (noted.length > 0) return noted.map(failedGroupOf);
        startKey = page.lastKey === undefined ? undefined : { ...page.lastKey };
      } while (startKey !== undefined);
      return [];
    },

    async resolveFailed(generation, failed) {
      const resolved = { ...STORED_FORMAT, ...failedKey(generation, failed.group), ...expiring(), resolved: true };
      const put: PutWrite = { TableName: tableName, Item: resolved, ...unchanged('upTo', failed.upTo) };
      await write([{ Put: marshalled(put) }]);
    },
  };
}

const positionKey = (generation: number, group: string) => ({
  id: `position#${generation}#${group}`,
  name: 'position',
});

const failedId = (generation: number) => `failed#${generation}`;

const failedKey = (generation: number, group: string) => ({ id: failedId(generation), name: group });

/** The condition that a number has not changed since it was read; 0 means that the item does not exist. */
const unchanged = (attribute: string, value: number) => ifUnchanged(attribute, value === 0 ? undefined : value);

const marshalled = ({ Item, ExpressionAttributeValues, ...write }: PutWrite) => ({
  ...write,
  Item: marshallItem(Item, WHAT),
  ...(ExpressionAttributeValues && { ExpressionAttributeValues: marshallItem(ExpressionAttributeValues, WHAT) }),
});

/**
 * Aborts a rebuild. The items of its generation are deleted by the next step, of this rebuild or of a later one.
 */
export const abortRebuild = (
  state: Pick<ProjectionState, 'save'>,
  control: Control,
  job: RebuildJob,
): Promise<'saved' | 'conflict'> =>
  state.save({
    control: { ...control, building: undefined },
    job: { ...job, phase: 'cleaning', outcome: 'aborted', scanKey: undefined },
  });
