import { App, CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import { EventConsumer } from '../../../infra/constructs/event-consumer.ts';
import { LinkTable } from '../../../infra/constructs/link-table.ts';
import { ProcessManager } from '../../../infra/constructs/process-manager.ts';
import { ReadModel } from '../../../infra/constructs/read-model.ts';
import { tableFrom } from '../../../infra/constructs/table-from.ts';
import { WaybillFunction } from '../../../infra/constructs/waybill-function.ts';
import { selectEnvironment } from '../../../infra/environments.ts';
import { featureFlags } from '../../../infra/feature-flags.ts';
import { HubStack } from '../../../infra/stacks/hub-stack.ts';
import { accounts } from '../bank/accounts/subscription.ts';
import { BalanceChanged, Deposited } from '../bank/events.ts';
import { desk } from '../trips/desk/subscription.ts';
import { RoomRefused, RoomReleased, RoomReserved, SeatReleased, SeatReserved, TripRequested } from '../trips/events.ts';
import { trips } from '../trips/saga.ts';
import { balances } from './balances/projection.ts';
import { ledger } from './ledger/subscription.ts';
import { relations } from './relations/subscription.ts';

const TIMEOUT = Duration.seconds(10);

/** One of each that stores something: producers, consumers of both orders, a saga, a projection, links. */
export function synthesizeStored(outdir: string): void {
  // path metadata is what the CDK CLI switches on by itself
  const app = new App({ outdir, context: { ...featureFlags(), 'aws:cdk:enable-path-metadata': true } });
  const { settings } = selectEnvironment({ env: 'dev', 'setting:maxReceiveCount': '3' });
  const { hub } = new HubStack(app, 'StoredHub', { settings });
  const stack = new Stack(app, 'Stored');
  const table = tableFrom(stack, 'Table', { partitionKey: { name: 'id', type: 'S' } }, settings);
  const timeout = TIMEOUT;

  const publish = new WaybillFunction(stack, 'Publish', {
    entry: 'test/e2e/bank/publish/index.ts',
    serviceName: 'publish',
    settings,
  });
  hub.grantPublish(publish, [Deposited]);
  const consumers = [
    new EventConsumer(stack, 'Accounts', {
      hub,
      subscription: accounts,
      publishes: [BalanceChanged],
      entry: 'test/e2e/bank/accounts/index.ts',
      timeout,
    }),
    new EventConsumer(stack, 'Ledger', {
      hub,
      subscription: ledger,
      entry: 'test/e2e/stored/ledger/index.ts',
      timeout,
    }),
  ];
  for (const consumer of consumers) {
    consumer.function.useTable(table, 'BANK_TABLE_NAME', ['GetItem', 'PutItem', 'UpdateItem']);
  }
  const links = new LinkTable(stack, 'Links', { settings });
  const keeper = new EventConsumer(stack, 'Relations', {
    hub,
    subscription: relations,
    entry: 'test/e2e/stored/relations/index.ts',
    timeout,
  });
  links.grantUse(keeper.function, ['get', 'create']);
  const view = new ReadModel(stack, 'Balances', {
    hub,
    projection: balances,
    entry: 'test/e2e/stored/balances/index.ts',
    rebuildEntry: 'test/e2e/stored/balances/rebuild/index.ts',
    timeout,
  });

  const request = new WaybillFunction(stack, 'Request', {
    entry: 'test/e2e/trips/request/index.ts',
    serviceName: 'request',
    settings,
  });
  hub.grantPublish(request, [TripRequested]);
  new EventConsumer(stack, 'Desk', {
    hub,
    subscription: desk,
    entry: 'test/e2e/trips/desk/index.ts',
    timeout,
    publishes: [SeatReserved, SeatReleased, RoomReserved, RoomRefused, RoomReleased],
  });
  const manager = new ProcessManager(stack, 'Manager', {
    hub,
    saga: trips,
    entry: 'test/e2e/trips/process-manager/index.ts',
    timeout,
  });

  const outputs = {
    BankTableName: table.tableName,
    LinksTableName: links.table.tableName,
    ViewTableName: view.table.tableName,
    SagasTableName: manager.table.tableName,
    PublishFunctionName: publish.functionName,
    RequestFunctionName: request.functionName,
    ScheduleGroupName: manager.timers.scheduleGroup.ref,
  };
  for (const [name, value] of Object.entries(outputs)) new CfnOutput(stack, name, { value });
  app.synth();
}
