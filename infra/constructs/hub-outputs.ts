import { settingsParameterName } from '../../lib/definitions/index.ts';
import type { EventHub } from './event-hub.ts';
import { addOutputs } from './outputs.ts';

/** Adds outputs for operators to the hub's stack. */
export function addHubOutputs(hub: EventHub): void {
  const { bus, archive, outboxTable, pendingTable, inboxTable, cursorsTable, operatorTable } = hub;
  const { relay, sweeper, reconciler } = hub;
  addOutputs(hub, hub.node.id, {
    BusName: { value: bus.eventBusName, description: 'The event bus' },
    BusArn: { value: bus.eventBusArn, description: 'The event bus' },
    ArchiveArn: { value: archive.archiveArn, description: 'Archive, the source of a replay' },
    OutboxTableName: { value: outboxTable.tableName, description: 'The log of all events' },
    PendingTableName: { value: pendingTable.tableName, description: 'A marker per event that is not published' },
    InboxTableName: { value: inboxTable.tableName, description: 'Records of handled events' },
    CursorsTableName: { value: cursorsTable.tableName, description: 'How far each consumer is in each group' },
    OperatorTableName: {
      value: operatorTable.tableName,
      description: 'What operators do: runs, and their audit trail',
    },
    RelayFunctionName: { value: relay.function.functionName, description: 'Publishes committed events' },
    SweeperFunctionName: {
      value: sweeper.function.functionName,
      description: 'Publishes events that the relay has not published',
    },
    ...(reconciler !== undefined && {
      ReconcilerFunctionName: {
        value: reconciler.function.functionName,
        description: 'Looks whether every event was handled or waits in a place with a name',
      },
    }),
    SettingsParameterName: {
      value: settingsParameterName(hub.environmentName),
      description: 'Where operations tune settings without a deployment: npx waybill settings',
    },
    FailedRecordsBucketName: {
      value: relay.failedRecordsBucket.bucketName,
      description: 'Stream records that the relay could not process',
    },
  });
}
