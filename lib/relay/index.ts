export { createDynamoDbPendingMarkers } from './dynamodb-pending-markers.ts';
export { createEventBridgePublisher } from './eventbridge-publisher.ts';
export { createRelay, type Relay } from './relay.ts';
export { readStreamRecord } from './stream-record.ts';
