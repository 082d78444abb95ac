export { createDynamoDbOutboxLog } from './dynamodb-outbox-log.ts';
export { createDynamoDbPendingTable } from './dynamodb-pending-table.ts';
export { createSweeper, type Sweeper, type SweepReport } from './sweeper.ts';
