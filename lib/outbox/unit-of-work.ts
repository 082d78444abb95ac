import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import type { EventDefinition, EventInputOf, EventReference } from '../definitions/index.ts';
import type { EventDraft, EventPrincipal } from '../event/index.ts';
import { marshallItem } from '../shared/marshalling.ts';
import { UnitOfWorkClosedError } from './errors.ts';

/** A condition in DynamoDB's expression language, with plain values. */
export interface Conditional {
  readonly TableName: string;
  readonly ConditionExpression?: string;
  readonly ExpressionAttributeNames?: Record<string, string>;
  readonly ExpressionAttributeValues?: Record<string, unknown>;
  /**
   * The error if the condition fails. If its disposition is `lost-race`, a consumer runs its handler again at once.
   * @default - OutboxConditionError, whose disposition is `lost-race`
   */
  readonly refused?: () => Error;
}

export interface PutWrite extends Conditional {
  readonly Item: Record<string, unknown>;
  /** Attributes of the table's key, used to name the item in errors. @default - errors name only the table */
  readonly keyNames?: readonly string[];
}

export interface DeleteWrite extends Conditional {
  readonly Key: Record<string, unknown>;
}

export interface UpdateWrite extends DeleteWrite {
  readonly UpdateExpression: string;
}

export interface ConditionCheckWrite extends DeleteWrite {
  readonly ConditionExpression: string;
}

export interface PublishOptions {
  /**
   * The event's sequence if the aggregate counts its own versions: a whole number from 1, without holes. It saves the
   * read of the group's head, which is updated conditionally. A group must use it always or never.
   *
   * The commit fails with `OUTBOX_SEQUENCE_TAKEN`, `OUTBOX_SEQUENCE_GAP`, `OUTBOX_SEQUENCE_MIXED` or
   * `OUTBOX_SEQUENCE_INVALID` if it is not valid.
   *
   * @default - the next sequence after the group's head
   */
  readonly sequence?: number;
  /**
   * Number of causation steps up to this event. For a publisher that cannot loop by itself, such as a process manager,
   * whose definition limits how often it publishes: it counts from the event that started it.
   * @default - one more than the handled event
   */
  readonly hops?: number;
}

/** When and by which event something is written. */
export interface WriteOrigin {
  /** RFC 3339, in UTC with milliseconds. */
  readonly at: string;
  /** The event that is being handled; undefined if no event causes the write, for example in a command. */
  readonly by: EventReference | undefined;
  /** Who caused it; undefined if that is not known. */
  readonly principal?: EventPrincipal | undefined;
}

/**
 * Collects writes and events that are committed together or not at all. The writes have the shape of DynamoDB's
 * TransactWriteItems, with plain JavaScript values; undefined members are left out. Nothing is sent before the
 * function that received it has returned. Each method but `publish` and `origin` throws ItemValueError `ITEM_VALUE_INVALID` for values
 * that DynamoDB cannot store; all throw UnitOfWorkClosedError `UNIT_OF_WORK_CLOSED` once the function has returned.
 */
export interface UnitOfWork {
  put(write: PutWrite): void;
  update(write: UpdateWrite): void;
  delete(write: DeleteWrite): void;
  conditionCheck(write: ConditionCheckWrite): void;
  /**
   * @throws EventDataError `EVENT_DATA_INVALID` naming every invalid path. If the schema is asynchronous, the commit
   * throws it.
   */
  publish<Definition extends EventDefinition>(
    definition: Definition,
    data: EventInputOf<Definition>,
    options?: PublishOptions,
  ): void;
  /** For items that store when and by which event they were written: the time of this call and the handled event. */
  origin(): WriteOrigin;
}

/** An event to publish, with the caller's sequence if there is one. */
export interface Publication {
  readonly draft: EventDraft;
  readonly sequence: number | undefined;
}

export interface CollectedWrite {
  readonly item: TransactWriteItem;
  /** The caller's error for a failed condition. */
  readonly refused: (() => Error) | undefined;
  /** The table's key names of a put, if the caller set them. */
  readonly keyNames: readonly string[] | undefined;
}

export interface CollectedWork {
  readonly writes: readonly CollectedWrite[];
  readonly publications: readonly Publication[];
}

type DraftEvent = <Definition extends EventDefinition>(
  definition: Definition,
  data: EventInputOf<Definition>,
  hops: number | undefined,
) => EventDraft | Promise<EventDraft>;

/** @returns the unit of work, and a function that closes it and returns what it has collected */
export function collectWork(draftEvent: DraftEvent, origin: () => WriteOrigin) {
  const writes: CollectedWrite[] = [];
  const publications: { draft: EventDraft | Promise<EventDraft>; sequence: number | undefined }[] = [];
  let open = true;
  const assertOpen = (method: keyof UnitOfWork) => {
    if (!open) throw new UnitOfWorkClosedError(method);
  };
  const collect = (
    item: TransactWriteItem,
    { refused, keyNames }: { readonly refused?: () => Error; readonly keyNames?: readonly string[] },
  ) => void writes.push({ item, refused, keyNames });

  const tx: UnitOfWork = {
    put(write) {
      assertOpen('put');
      const item = marshallItem(write.Item, `tx.put: the item for table '${write.TableName}'`);
      collect({ Put: { ...conditionalOf('put', write), Item: item } }, write);
    },
    update(write) {
      assertOpen('update');
      const { UpdateExpression } = write;
      collect({ Update: { ...conditionalOf('update', write), UpdateExpression, Key: keyOf('update', write) } }, write);
    },
    delete(write) {
      assertOpen('delete');
      collect({ Delete: { ...conditionalOf('delete', write), Key: keyOf('delete', write) } }, write);
    },
    conditionCheck(write) {
      assertOpen('conditionCheck');
      const { ConditionExpression } = write;
      const conditional = { ...conditionalOf('conditionCheck', write), ConditionExpression };
      collect({ ConditionCheck: { ...conditional, Key: keyOf('conditionCheck', write) } }, write);
    },
    publish(definition, data, { sequence, hops } = {}) {
      assertOpen('publish');
      const draft = draftEvent(definition, data, hops);
      // awaited again at the commit; this avoids an unhandled rejection until then
      if (draft instanceof Promise) draft.catch(() => undefined);
      publications.push({ draft, sequence });
    },
    origin() {
      assertOpen('origin');
      return origin();
    },
  };

  return {
    tx,
    close: () => {
      open = false;
    },
    collected: async (): Promise<CollectedWork> => ({
      writes,
      publications: await Promise.all(
        publications.map(async ({ draft, sequence }) => ({ draft: await draft, sequence })),
      ),
    }),
  };
}

const keyOf = (method: keyof UnitOfWork, { TableName, Key }: DeleteWrite) =>
  marshallItem(Key, `tx.${method}: the key for table '${TableName}'`);

const conditionalOf = (
  method: keyof UnitOfWork,
  { TableName, ConditionExpression, ExpressionAttributeNames, ExpressionAttributeValues: values }: Conditional,
) => ({
  TableName,
  ...(ConditionExpression !== undefined && { ConditionExpression }),
  ...(ExpressionAttributeNames !== undefined && { ExpressionAttributeNames }),
  ...(values !== undefined && {
    ExpressionAttributeValues: marshallItem(values, `tx.${method}: the expression values for table '${TableName}'`),
  }),
  ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const,
});
