import { type AttributeValue, type DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import {
  type CloudEvent,
  isWaybillError,
  OUTBOX_ATTRIBUTES,
  OUTBOX_KIND,
  OUTBOX_TABLE,
  PENDING_ATTRIBUTES,
  PENDING_TABLE,
} from '../../lib/contracts/index.ts';
import { parseEvent } from '../../lib/event/index.ts';

/** An event of the outbox log. */
export interface LoggedEvent {
  readonly group: string;
  readonly sequence: number;
  readonly id: string;
  /** The reason, when what is stored is no event. */
  readonly event: CloudEvent | string;
}

/** Every event of the log, page by page. */
export async function* scanOutbox(client: DynamoDBClient, tableName: string): AsyncGenerator<LoggedEvent[]> {
  const pages = paginateScan(
    { client },
    {
      TableName: tableName,
      FilterExpression: '#kind = :event',
      ExpressionAttributeNames: { '#kind': OUTBOX_ATTRIBUTES.kind },
      ExpressionAttributeValues: { ':event': { S: OUTBOX_KIND.event } },
      ConsistentRead: true,
    },
  );
  for await (const { Items = [] } of pages) {
    yield Items.map((item) => ({
      group: item[OUTBOX_TABLE.partitionKey.name]?.S ?? '',
      sequence: Number(item[OUTBOX_TABLE.sortKey.name]?.N),
      id: item[OUTBOX_ATTRIBUTES.id]?.S ?? '',
      event: readStored(item[OUTBOX_ATTRIBUTES.event]?.S ?? ''),
    }));
  }
}

export interface Marker {
  /** Why the relay will never publish the event; undefined while it still may. */
  readonly quarantined: string | undefined;
}

/** The markers of what is not published, by `markerKey`. */
export async function readMarkers(client: DynamoDBClient, tableName: string): Promise<Map<string, Marker>> {
  const markers = new Map<string, Marker>();
  for await (const { Items = [] } of paginateScan({ client }, { TableName: tableName, ConsistentRead: true })) {
    for (const item of Items) {
      const group = item[PENDING_TABLE.partitionKey.name]?.S ?? '';
      const sequence = Number(item[PENDING_TABLE.sortKey.name]?.N);
      markers.set(markerKey({ group, sequence }), { quarantined: readNote(item[PENDING_ATTRIBUTES.quarantined]) });
    }
  }
  return markers;
}

export const markerKey = ({ group, sequence }: Pick<LoggedEvent, 'group' | 'sequence'>): string =>
  `${sequence} ${group}`;

const readNote = (note: AttributeValue | undefined): string | undefined =>
  note === undefined ? undefined : `${note.M?.['code']?.S ?? 'unknown'}: ${note.M?.['message']?.S ?? ''}`;

function readStored(body: string): CloudEvent | string {
  try {
    return parseEvent(body);
  } catch (error) {
    if (isWaybillError(error)) return error.message;
    throw error;
  }
}
