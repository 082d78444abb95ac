/** Environment variables that the constructs set and the functions read. */
export const ENV = {
  outboxTableName: 'WAYBILL_OUTBOX_TABLE_NAME',
  pendingTableName: 'WAYBILL_PENDING_TABLE_NAME',
  inboxTableName: 'WAYBILL_INBOX_TABLE_NAME',
  busName: 'WAYBILL_BUS_NAME',
  /** How long the log keeps an event, in seconds. */
  outboxRetentionSeconds: 'WAYBILL_OUTBOX_RETENTION_SECONDS',
  /** How long the inbox remembers a handled event, in seconds. */
  inboxExpirySeconds: 'WAYBILL_INBOX_EXPIRY_SECONDS',
} as const;
