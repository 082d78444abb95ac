export { createDynamoDbPendingMarkers } from './dynamodb-pending-markers.ts';
export { createEventBridgePublisher } from './eventbridge-publisher.ts';
export type { OutboxRecord } from './outbox-record.ts';
export type { EventKey, Failure } from './ports.ts';
export { createRelay, type Relay, type RelayReport } from './relay.ts';
export { readStreamRecord } from './stream-record.ts';
