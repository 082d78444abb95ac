import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { PROJECTION_STATE_TABLE } from '../contracts/index.ts';
import type { PutWrite, UnitOfWork } from '../outbox/index.ts';
import { addMs, type Clock, toEpochSeconds } from '../shared/time.ts';
import type { TableStore } from '../tenancy/ports.ts';
import {
  type Control,
  controlOf,
  type FailedGroup,
  FIRST_CONTROL,
  failedGroupOf,
  type RebuildJob,
  rebuildJobOf,
} from './state-items.ts';

export interface ProjectionStateOptions {
  readonly store: TableStore;
  readonly tableName: string;
  readonly clock: Clock;
  /** How long a group's position is kept after its last event: longer than the log and the queues keep the event. */
  readonly positionSeconds: number;
}

/** What a projection knows of its view, beside the view. Everything is read as it was last written. */
export interface ProjectionState {
  control(): Promise<Control>;
  job(): Promise<RebuildJob | undefined>;
  /** Writes what is given, all or nothing. @returns 'conflict' where something of it had changed since it was read */
  save(changed: { readonly control?: Control; readonly job: RebuildJob }): Promise<'saved' | 'conflict'>;
  /** The sequence of the group's last event that the generation holds; 0 where it holds none. */
  position(generation: number, group: string): Promise<number>;
  /** Moves the position, on condition that it still stands where it was read. */
  positionWrite(generation: number, group: string, from: number, to: number): PutWrite;
  /**
   * Has the group visited again before the generation that is built may serve; on condition that it is still built, and
   * that the list of such groups was not gone through since `control` was read.
   */
  noteFailed(tx: UnitOfWork, control: Control, failed: FailedGroup): void;
  /** A page of the groups that must be visited again, in the order of their names; empty when there are no more. */
  failed(generation: number, after?: string): Promise<readonly FailedGroup[]>;
  /** Takes the group off the list, unless it was noted again. */
  forgetFailed(generation: number, failed: FailedGroup): Promise<void>;
}

const CONTROL = { id: 'control', name: 'control' };
const JOB = { id: 'rebuild', name: 'rebuild' };
const FAILED_PAGE_ITEMS = 100;

export function createProjectionState(options: ProjectionStateOptions): ProjectionState {
  const { store, tableName, clock, positionSeconds } = options;
  const read = async (key: Record<string, string>): Promise<Record<string, unknown> | undefined> => {
    const item = await store.get(tableName, marshall(key));
    return item === undefined ? undefined : unmarshall({ ...item });
  };
  const expiring = () => ({
    [PROJECTION_STATE_TABLE.timeToLiveAttribute]: toEpochSeconds(addMs(clock.now(), positionSeconds * 1000)),
  });
  const write = async (writes: readonly TransactWriteItem[]): Promise<'saved' | 'conflict'> => {
    try {
      await store.write(writes);
      return 'saved';
    } catch (error) {
      if ((error as { code?: unknown }).code === 'OUTBOX_CONDITION_FAILED') return 'conflict';
      throw error;
    }
  };
  const replacing = (key: Record<string, string>, { revision, ...content }: Control | RebuildJob): PutWrite => ({
    TableName: tableName,
    Item: { ...content, ...key, revision: revision + 1 },
    ...unchanged('revision', revision),
  });

  return {
    async control() {
      const item = await read(CONTROL);
      return item === undefined ? FIRST_CONTROL : controlOf(item);
    },

    async job() {
      const item = await read(JOB);
      return item === undefined ? undefined : rebuildJobOf(item);
    },

    save: ({ control, job }) =>
      write([
        { Put: marshalled(replacing(JOB, job)) },
        ...(control === undefined ? [] : [{ Put: marshalled(replacing(CONTROL, control)) }]),
      ]),

    async position(generation, group) {
      const item = await read(positionKey(generation, group));
      return Number(item?.['position'] ?? 0);
    },

    positionWrite: (generation, group, from, to) => ({
      TableName: tableName,
      Item: { ...positionKey(generation, group), position: to, ...expiring() },
      ...unchanged('position', from),
    }),

    noteFailed(tx, control, failed) {
      const { revision, building } = control;
      if (building === undefined) return;
      const { generation, noted } = building;
      tx.put({ TableName: tableName, Item: { ...failed, ...failedKey(generation, failed.group), ...expiring() } });
      // one change of the control item for all notes: it is one item, and each of its changes refuses others'
      if (noted) tx.conditionCheck({ TableName: tableName, Key: CONTROL, ...unchanged('revision', revision) });
      else tx.put(replacing(CONTROL, { ...control, building: { ...building, noted: true } }));
    },

    async failed(generation, after) {
      const { partitionKey, sortKey } = PROJECTION_STATE_TABLE;
      const { items } = await store.query({
        tableName,
        indexName: undefined,
        partition: { attribute: partitionKey.name, value: { S: failedKey(generation, '').id } },
        sort: { attribute: sortKey.name, beginsWith: undefined },
        keyAttributes: [partitionKey.name, sortKey.name],
        limit: FAILED_PAGE_ITEMS,
        startKey: after === undefined ? undefined : marshall(failedKey(generation, after)),
        newestFirst: false,
      });
      return items.map((item) => failedGroupOf(unmarshall({ ...item })));
    },

    async forgetFailed(generation, { group, upTo }) {
      const condition = unchanged('upTo', upTo);
      const { ExpressionAttributeValues, ...names } = condition;
      await write([
        {
          Delete: {
            TableName: tableName,
            Key: marshall(failedKey(generation, group)),
            ...names,
            ...(ExpressionAttributeValues && { ExpressionAttributeValues: marshall(ExpressionAttributeValues) }),
          },
        },
      ]);
    },
  };
}

const positionKey = (generation: number, group: string) => ({
  id: `position#${generation}#${group}`,
  name: 'position',
});

const failedKey = (generation: number, group: string) => ({ id: `failed#${generation}`, name: group });

/** The condition that a number stands as it was read; 0: not there. */
const unchanged = (attribute: string, value: number) => ({
  ConditionExpression: value === 0 ? 'attribute_not_exists(#read)' : '#read = :read',
  ExpressionAttributeNames: { '#read': attribute },
  ...(value === 0 ? {} : { ExpressionAttributeValues: { ':read': value } }),
});

const marshalled = ({ Item, ExpressionAttributeValues, ...write }: PutWrite) => ({
  ...write,
  Item: marshall(Item, { removeUndefinedValues: true }),
  ...(ExpressionAttributeValues && { ExpressionAttributeValues: marshall(ExpressionAttributeValues) }),
});
