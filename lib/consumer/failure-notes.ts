import { type DynamoDBClient, GetItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { INBOX_TABLE } from '../definitions/index.ts';
import { marshallItem, unmarshallItem } from '../shared/marshalling.ts';
import { assertStoredFormat, STORED_FORMAT } from '../shared/stored-format.ts';
import { addMs, type Clock, type EpochMs, toEpochSeconds } from '../shared/time.ts';

/** What is stored about an event that a consumer failed to handle. */
export interface FailureNote {
  /** The event's id. If the message holds no event, `message:` and the message's id. */
  readonly subject: string;
  /** The event's tenant; absent if it has none, or the message holds no event. */
  readonly tenantId?: string;
  /** `error.code`, else `error.name`. */
  readonly code: string;
  readonly message: string;
  /** The first lines of the stack; empty if there is none. */
  readonly stackHead: string;
  /** Where in the user's own code: `functions/billing/handler.ts:12`; absent if the stack does not say it. */
  readonly thrownAt?: string | undefined;
  /** Receives of its message so far. A redrive restarts the count. */
  readonly attempts: number;
  readonly firstAt: EpochMs;
  readonly lastAt: EpochMs;
  /** `dead`: in the DLQ, or about to be moved there. */
  readonly state: 'retrying' | 'dead';
  /** Whether its group is blocked by it. */
  readonly holdsGroup: boolean;
  /** When the consumer's code first did not know the event's type; absent after other failures. */
  readonly unknownSince?: EpochMs | undefined;
}

/** The consumer's failure notes, stored in the inbox table. */
export interface FailureNotes {
  /** Records a failure. The time of the first failure is kept. */
  record(note: Omit<FailureNote, 'firstAt' | 'lastAt'>): Promise<void>;
  find(subject: string): Promise<FailureNote | undefined>;
}

export interface DynamoDbFailureNotesOptions {
  readonly client: DynamoDBClient;
  /** The inbox table. */
  readonly tableName: string;
  readonly consumer: string;
  /** How long a note is kept after the last failure. */
  readonly expirySeconds: number;
  readonly clock: Clock;
}

const noteKey = (consumer: string, subject: string) => ({
  [INBOX_TABLE.partitionKey.name]: { S: `${consumer}#note#${subject}` },
});

export function createDynamoDbFailureNotes(options: DynamoDbFailureNotesOptions): FailureNotes {
  const { client, tableName, consumer, expirySeconds, clock } = options;
  return {
    async record({ unknownSince, thrownAt, ...note }) {
      const now = clock.now();
      const optional = Object.entries({ unknownSince, thrownAt });
      const absent = optional.filter(([, value]) => value === undefined).map(([name]) => name);
      const values = {
        ...STORED_FORMAT,
        ...note,
        ...Object.fromEntries(optional.filter(([, value]) => value !== undefined)),
        lastAt: now,
        [INBOX_TABLE.timeToLiveAttribute]: toEpochSeconds(addMs(now, expirySeconds * 1000)),
      };
      const names = Object.keys(values);
      const remove = absent.length === 0 ? '' : ` REMOVE ${absent.map((name) => `#${name}`).join(', ')}`;
      await client.send(
        new UpdateItemCommand({
          TableName: tableName,
          Key: noteKey(consumer, note.subject),
          UpdateExpression: `SET #firstAt = if_not_exists(#firstAt, :now), ${names.map((name) => `#${name} = :${name}`).join(', ')}${remove}`,
          ExpressionAttributeNames: Object.fromEntries(
            ['firstAt', ...absent, ...names].map((name) => [`#${name}`, name]),
          ),
          ExpressionAttributeValues: marshallItem(
            {
              ':now': now,
              ...Object.fromEntries(Object.entries(values).map(([name, value]) => [`:${name}`, value])),
            },
            'a failure note',
          ),
        }),
      );
    },

    async find(subject) {
      const { Item } = await client.send(
        new GetItemCommand({ TableName: tableName, Key: noteKey(consumer, subject), ConsistentRead: true }),
      );
      if (Item === undefined) return undefined;
      assertStoredFormat(Item, `the failure note of '${subject}'`);
      const { tenantId, unknownSince, thrownAt, ...note } = unmarshallItem(Item) as unknown as FailureNote;
      const { code, message, stackHead, attempts, firstAt, lastAt, state, holdsGroup } = note;
      return {
        subject,
        ...(tenantId === undefined ? {} : { tenantId }),
        ...{ code, message, stackHead, attempts, firstAt, lastAt, state, holdsGroup },
        ...(thrownAt === undefined ? {} : { thrownAt }),
        ...(unknownSince === undefined ? {} : { unknownSince }),
      };
    },
  };
}
