import { App, CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import { EventConsumer } from '../../../infra/constructs/event-consumer.ts';
import { ProcessManager } from '../../../infra/constructs/process-manager.ts';
import { WaybillFunction } from '../../../infra/constructs/waybill-function.ts';
import { selectEnvironment } from '../../../infra/environments.ts';
import { featureFlags } from '../../../infra/feature-flags.ts';
import { HubStack } from '../../../infra/stacks/hub-stack.ts';
import { desk } from './desk/subscription.ts';
import { RoomRefused, RoomReleased, RoomReserved, SeatReleased, SeatReserved, TripRequested } from './events.ts';
import { trips } from './saga.ts';

const TIMEOUT = Duration.seconds(10);

/** A saga of two steps as a user would build it: who asks for trips, who books them, and the saga between them. */
export function synthesizeTrips(outdir: string): void {
  // path metadata is what the CDK CLI switches on by itself
  const app = new App({ outdir, context: { ...featureFlags(), 'aws:cdk:enable-path-metadata': true } });
  const { settings } = selectEnvironment({ env: 'dev' });
  const { hub } = new HubStack(app, 'TripsHub', { settings });
  const stack = new Stack(app, 'Trips');

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
    timeout: TIMEOUT,
    publishes: [SeatReserved, SeatReleased, RoomReserved, RoomRefused, RoomReleased],
  });

  const manager = new ProcessManager(stack, 'Manager', {
    hub,
    saga: trips,
    entry: 'test/e2e/trips/process-manager/index.ts',
    timeout: TIMEOUT,
  });
  new CfnOutput(stack, 'SagasTableName', { value: manager.table.tableName });
  new CfnOutput(stack, 'RequestFunctionName', { value: request.functionName });
  new CfnOutput(stack, 'TimersQueueUrl', { value: manager.timers.queue.queueUrl });
  new CfnOutput(stack, 'TimersDeadLetterQueueUrl', { value: manager.timers.deadLetterQueue.queueUrl });
  app.synth();
}
