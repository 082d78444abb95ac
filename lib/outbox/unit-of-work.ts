import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import type { EventDefinition, EventInputOf, EventReference } from '../definitions/index.ts';
import type { EventDraft } from '../event/index.ts';
import { marshallItem } from '../shared/marshalling.ts';
import { UnitOfWorkClosedError } from './errors.ts';

/** A condition in DynamoDB's expression language, with plain values. */
interface Conditional {
  readonly TableName: string;
  readonly ConditionExpression?: string;
  readonly ExpressionAttributeNames?: Record<string, string>;
  readonly ExpressionAttributeValues?: Record<string, unknown>;
  /** What it means that the condition does not hold; a consumer runs its handler again at once for an error whose disposition is `lost-race`. @default - OutboxConditionError, which is one */
  readonly refused?: () => Error;
}

export interface PutWrite extends Conditional {
  readonly Item: Record<string, unknown>;
  /** Attributes of the table's key: errors then name the item by them. @default - errors name the table only */
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
   * The event's place in its group, where the aggregate counts its own versions: a whole number from 1, without
   * holes. It saves the read of the group's head, which moves to it on condition. A group must use it always or never.
   * Refused when the work is committed: `OUTBOX_SEQUENCE_TAKEN`, `OUTBOX_SEQUENCE_GAP`, `OUTBOX_SEQUENCE_MIXED`,
   * `OUTBOX_SEQUENCE_INVALID`.
   * @default - the next number after the group's head
   */
  readonly sequence?: number;
  /**
   * Steps of causation up to this event, for a publisher that cannot run in a loop by itself: a process manager, whose
   * declaration says how often it publishes, counts from what began it.
   * @default - one more than the event that is being handled
   */
  readonly hops?: number;
}

/** When something is written, and by which event. */
export interface WriteOrigin {
  /** RFC 3339, in UTC with milliseconds. */
  readonly at: string;
  /** The event that is being handled; undefined if no event causes the write, such as in a command. */
  readonly by: EventReference | undefined;
}

/**
 * Collects writes and events that are committed together or not at all. The writes have the shape of DynamoDB's
 * TransactWriteItems, with plain JavaScript values; undefined members are left out. Nothing is sent before the
 * function that received it has returned. Each method but `publish` and `origin` throws ItemValueError `ITEM_VALUE_INVALID` for values
 * that DynamoDB cannot hold; all throw UnitOfWorkClosedError `UNIT_OF_WORK_CLOSED` once the function has returned.
 */
export interface UnitOfWork {
  put(write: PutWrite): void;
  update(write: UpdateWrite): void;
  delete(write: DeleteWrite): void;
  conditionCheck(write: ConditionCheckWrite): void;
  /**
   * @throws EventDataError `EVENT_DATA_INVALID` naming every violated path (where the schema is asynchronous: when
   * the unit of work is committed)
   */
  publish<Definition extends EventDefinition>(
    definition: Definition,
    data: EventInputOf<Definition>,
    options?: PublishOptions,
  ): void;
  /** For items that say when and by which event they were written: the time of this call, and the event that is being handled. */
  origin(): WriteOrigin;
}

/** An event to be published, with the sequence that the caller gave it. */
export interface Publication {
  readonly draft: EventDraft;
  readonly sequence: number | undefined;
}

export interface CollectedWrite {
  readonly item: TransactWriteItem;
  /** The error that its caller wants for a condition that does not hold. */
  readonly refused: (() => Error) | undefined;
  /** Of a put, where its caller said them. */
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

/** @returns the unit of work, and what ends it and hands out what it has collected. */
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
      // seen again when the work is committed; until then nobody listens
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
