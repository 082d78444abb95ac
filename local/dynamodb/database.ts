import { addMs } from '../../lib/shared/time.ts';
import type { EngineClock } from '../clock.ts';
import { AwsError } from '../endpoint/aws-error.ts';
import { type ChangeStream, createChangeStream, type StreamViewType, type UserIdentity } from './change-stream.ts';
import { createExpiry } from './expiry.ts';
import type { DynamoDbFaults, PartialView } from './faults.ts';
import { itemKey } from './request-rules.ts';
import { RETENTION_MS } from './stream-shard.ts';
import { applyChange, type ItemChange, type Table } from './table.ts';
import { createVisibility, type Visibility } from './visibility.ts';

export interface DatabaseOptions {
  readonly clock: EngineClock;
  readonly region: string;
  readonly accountId: string;
  readonly faults?: DynamoDbFaults | undefined;
}

/**
 * All tables and streams of one account and Region. Everything that writes evaluates first and commits then, without
 * waiting in between: no other write can come in the middle, which is all the locking there is.
 */
export interface Database {
  readonly clock: EngineClock;
  readonly tables: Map<string, Table>;
  readonly faults: DynamoDbFaults;
  readonly visibility: Visibility;
  /** @throws AwsError `ResourceNotFoundException` */
  table(name: string): Table;
  tableArn(name: string): string;
  /**
   * Applies changes together, records them in the tables' streams, then tells the streams' listeners. With a view,
   * reads of several items do not see all of them; the returned function ends that.
   */
  commit(changes: readonly ItemChange[], view?: PartialView): () => void;
  /**
   * Tells of what every commit has changed, in the order of the commits; the returned function ends that. The listener
   * MUST be quick and MUST NOT throw.
   */
  onCommit(listener: (changes: readonly ItemChange[]) => void): () => void;
  /** Streams that are enabled, or were within the last day. */
  streams(): readonly ChangeStream[];
  /** Undefined when there is none, or not any more. */
  stream(arn: string): ChangeStream | undefined;
  openStream(table: Table, viewType: StreamViewType): ChangeStream;
  /** Items with an older time in `attribute` go away by themselves; undefined switches that off. */
  setTimeToLive(table: Table, attribute: string | undefined): void;
  drop(table: Table): void;
  close(): void;
}

export function createDatabase({ clock, region, accountId, faults = {} }: DatabaseOptions): Database {
  const tables = new Map<string, Table>();
  const streams = new Map<string, ChangeStream>();
  const listeners = new Set<(changes: readonly ItemChange[]) => void>();
  const tableArn = (name: string) => `arn:aws:dynamodb:${region}:${accountId}:table/${name}`;

  const expiry = createExpiry(clock, faults, (change) => {
    commit([change], undefined, { PrincipalId: 'dynamodb.amazonaws.com', Type: 'Service' });
  });

  const visibility = createVisibility(clock.now, faults);

  const commit = (changes: readonly ItemChange[], view?: PartialView, userIdentity?: UserIdentity) => {
    const written = new Set<ChangeStream>();
    const effective = changes.filter(({ before, after }) => before !== after);
    visibility.note(effective);
    for (const change of effective) {
      applyChange(change);
      expiry.track(change.table, change.key, change.after);
      const { stream } = change.table;
      if (stream?.append(change.before, change.after, userIdentity)) written.add(stream);
    }
    const showAll = view === undefined ? () => {} : visibility.hide(changes, view);
    for (const listener of listeners) listener(effective);
    for (const stream of written) stream.notify();
    return showAll;
  };

  const isOld = (stream: ChangeStream) => {
    const closedAt = stream.closedAt();
    return closedAt !== undefined && addMs(closedAt, RETENTION_MS) < clock.now();
  };

  const forgetOldStreams = () => {
    for (const [arn, stream] of streams) if (isOld(stream)) streams.delete(arn);
  };

  return {
    clock,
    tables,
    table: (name) => tables.get(name) ?? refuseTable(),
    tableArn,
    faults,
    visibility,
    commit: (changes, view) => commit(changes, view),
    onCommit(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    streams() {
      forgetOldStreams();
      return [...streams.values()];
    },
    stream(arn) {
      const stream = streams.get(arn);
      return stream === undefined || isOld(stream) ? undefined : stream;
    },
    openStream(table, viewType) {
      forgetOldStreams();
      const { TableName, KeySchema } = table.description;
      let created = clock.now();
      const labelOf = () => new Date(created).toISOString().slice(0, -1);
      const arnOf = () => `${tableArn(TableName)}/stream/${labelOf()}`;
      while (streams.has(arnOf())) created = addMs(created, 1);
      const stream = createChangeStream({
        arn: arnOf(),
        label: labelOf(),
        tableName: TableName,
        keySchema: KeySchema,
        viewType,
        region,
        now: clock.now,
        faults,
        onRead(records) {
          if (table.unseen.size === 0) return;
          for (const { dynamodb } of records) table.unseen.delete(itemKey(dynamodb.Keys, table.description));
        },
      });
      streams.set(stream.options.arn, stream);
      table.stream = stream;
      return stream;
    },
    setTimeToLive(table, attribute) {
      table.ttlAttribute = attribute;
      for (const [key, item] of table.items.entries({})) expiry.track(table, key, item);
    },
    drop(table) {
      table.stream?.close();
      table.ttlAttribute = undefined;
      tables.delete(table.description.TableName);
    },
    close: () => expiry.stop(),
  };
}

function refuseTable(): never {
  throw new AwsError('ResourceNotFoundException', 'Requested resource not found');
}
