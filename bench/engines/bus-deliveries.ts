import {
  CreateEventBusCommand,
  EventBridgeClient,
  PutRuleCommand,
  PutTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import type { BenchContext } from '../area.ts';
import { busyRatioOf, medianOf } from '../measure.ts';
import { profileOf } from '../profile.ts';
import { figure, type Report } from '../report.ts';
import { busyNote } from './busy-note.ts';
import { type BenchEngines, openBenchEngines } from './open-engines.ts';

const REACH_PER_SECOND = 8_000;
const EVENTS = 5_000;
const RULES = 5;
const GROUPS = 50;
const CONCURRENCY = 4;

export async function measureBusDeliveries({ progress }: BenchContext): Promise<Report> {
  await using bench = await openBenchEngines();
  progress(`PutEvents of ten, ${EVENTS} events, ${RULES} rules that each take every event to a FIFO queue`);
  const deliver = async (run: number) => {
    const { busName, queueUrls } = await createBus(bench, run);
    const load = { busName, queueUrls, events: EVENTS, groups: GROUPS, concurrency: CONCURRENCY, run };
    return bench.client.run('deliverToQueues', { ...bench.connection, ...load });
  };
  const perSecond = await medianOf(deliver);
  const busyRatio = await busyRatioOf(() => deliver(98));
  const clientCpuRatio = bench.client.cpuRatio();
  const tables = await profileOf('PutEvents to five queues', () => deliver(99));
  return {
    figures: [
      figure({
        name: 'events delivered by a bus with five rules',
        value: perSecond,
        unit: 'deliveries per second',
        beside: { what: 'reach', value: REACH_PER_SECOND },
        reach: { least: 1 },
        note: `${Math.round(perSecond / RULES)} events/s came in, each for all five queues; ${busyNote(perSecond, busyRatio, clientCpuRatio)}`,
      }),
    ],
    tables,
  };
}

async function createBus(bench: BenchEngines, run: number) {
  const { endpointUrl: endpoint, region } = bench.connection;
  const credentials = { accessKeyId: 'bench', secretAccessKey: 'bench' };
  const eventBridge = new EventBridgeClient({ endpoint, region, credentials });
  const busName = `bus-${run}`;
  await eventBridge.send(new CreateEventBusCommand({ Name: busName }));
  const queueUrls: string[] = [];
  for (let rule = 0; rule < RULES; rule++) {
    const queue = await bench.createFifoQueue(`bus-${run}-${rule}`);
    const Rule = `rule-${rule}`;
    const EventPattern = JSON.stringify({ 'detail-type': ['com.example.bench.happened', `com.example.other.${rule}`] });
    await eventBridge.send(new PutRuleCommand({ EventBusName: busName, Name: Rule, EventPattern }));
    const target = { Id: 'queue', Arn: queue.arn, InputPath: '$.detail' };
    const Targets = [{ ...target, SqsParameters: { MessageGroupId: '$.detail.partitionkey' } }];
    await eventBridge.send(new PutTargetsCommand({ EventBusName: busName, Rule, Targets }));
    queueUrls.push(queue.url);
  }
  eventBridge.destroy();
  return { busName, queueUrls };
}
