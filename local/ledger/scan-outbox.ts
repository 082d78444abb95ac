import { type DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import { type CloudEvent, isWaybillError, OUTBOX_ATTRIBUTES, OUTBOX_KIND } from '../../lib/definitions/index.ts';
import { parseEvent } from '../../lib/event/index.ts';
import type { EventKey } from '../../lib/outbox/event-record.ts';
import { keyText, markerOf, recordOf } from '../../lib/outbox/index.ts';

/** An event of the outbox log. */
export interface LoggedEvent extends EventKey {
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
    yield Items.map((item) => {
      const { group, sequence, id, body } = recordOf(item);
      return { group, sequence, id, event: readStored(body) };
    });
  }
}

export interface Marker {
  /** Why the relay will never publish the event; undefined while it still may. */
  readonly quarantined: string | undefined;
}

/** The markers of what is not published, by `keyText`. */
export async function readMarkers(client: DynamoDBClient, tableName: string): Promise<Map<string, Marker>> {
  const markers = new Map<string, Marker>();
  for await (const { Items = [] } of paginateScan({ client }, { TableName: tableName, ConsistentRead: true })) {
    for (const marker of Items.map(markerOf)) {
      const { quarantined } = marker;
      markers.set(keyText(marker), { quarantined: quarantined && `${quarantined.code}: ${quarantined.message}` });
    }
  }
  return markers;
}

function readStored(body: string): CloudEvent | string {
  try {
    return parseEvent(body);
  } catch (error) {
    if (isWaybillError(error)) return error.message;
    throw error;
  }
}
