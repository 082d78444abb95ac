import {
  DeleteArchiveCommand,
  DeleteEventBusCommand,
  DeleteRuleCommand,
  DescribeEventBusCommand,
  EventBridgeClient,
  ListEventBusesCommand,
  ListRulesCommand,
  type ListRulesCommandInput,
  ListTargetsByRuleCommand,
  RemoveTargetsCommand,
  ResourceNotFoundException,
} from '@aws-sdk/client-eventbridge';
import type { EpochMs } from '../../../lib/shared/time.ts';
import { createMovableClock, type MovableClock } from '../../../local/clock.ts';
import { AwsError } from '../../../local/endpoint/aws-error.ts';
import { type Endpoint, openEndpoint } from '../../../local/endpoint/endpoint.ts';
import {
  createEventBridge,
  type DeliveryRequest,
  type EventBridge,
  type EventBridgeFaults,
} from '../../../local/eventbridge/eventbridge.ts';
import { removeLater } from '../../fixtures/leftovers.ts';
import { isForeign, looksInside, movesTime, sharedName } from './endpoint-under-test.ts';

interface DeadLetter {
  readonly queueArn: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly ruleArn: string;
}

/**
 * An EventBridge under test: an engine of the test's own, whose targets write down what they get, unless the SDK's
 * variables name an endpoint. Only an own engine has more than the client.
 */
export interface EventBridgeRig {
  readonly client: EventBridgeClient;
  readonly clock: MovableClock;
  readonly engine: EventBridge;
  /** Assigned to by tests; consulted anew each time. */
  faults: EventBridgeFaults;
  /** What the targets took, in order. */
  readonly delivered: DeliveryRequest[];
  readonly deadLetters: DeadLetter[];
  readonly warnings: string[];
  /** Called before a target takes a delivery: an error that it throws fails the attempt. */
  onAttempt: (request: DeliveryRequest) => void;
  /** Lets everything happen that needs no further time. */
  settle(): Promise<void>;
}

const T0 = Date.UTC(2026, 10, 20, 6, 0, 0) as EpochMs;
const SERVICE = 'EVENTBRIDGE';
const REGION = 'eu-central-1';
const ACCOUNT = '111122223333';

/** `<region>:<account>` */
const place = isForeign(SERVICE) ? await askForPlace() : `${REGION}:${ACCOUNT}`;

export const queueArn = (name: string) => `arn:aws:sqs:${place}:${name}`;
/** @param resource `event-bus/shop` */
export const eventsArn = (resource: string) => `arn:aws:events:${place}:${resource}`;

/** What the tests call their bus. */
export const SHOP = sharedName(SERVICE, 'shop');

export const ARCHIVE = sharedName(SERVICE, 'a');

/** What a test calls whatever else is no part of its bus. */
export const nameOf = (name: string) => sharedName(SERVICE, name);

/** EventBridge over the wire; what the test made goes with it. */
export async function openEventBridgeRig(): Promise<EventBridgeRig> {
  if (isForeign(SERVICE)) return useForeignEventBridge();
  const own = await startOwnEventBridge();
  removeLater(async () => own[Symbol.asyncDispose]());
  return own;
}

/** For tests that take the engine's promises for granted. */
export async function startOwnEventBridge(): Promise<EventBridgeRig & AsyncDisposable> {
  const clock = createMovableClock(() => T0);
  const warnings: string[] = [];
  const log = (_level: string, _source: string, message: string) => void warnings.push(message);
  const endpoint: Endpoint = await openEndpoint({ log });
  let ids = 0;

  const take = async (request: DeliveryRequest) => {
    rig.onAttempt(request);
    rig.delivered.push(request);
  };
  const engine = createEventBridge({
    clock,
    region: REGION,
    accountId: ACCOUNT,
    log,
    newId: () => `00000000-0000-4000-8000-${String(++ids).padStart(12, '0')}`,
    random: () => 0.5,
    targets: { sqs: take, lambda: take },
    sendToDeadLetterQueue: async (arn, body, attributes, ruleArn) => {
      if (arn.endsWith(':gone')) throw new AwsError('QueueDoesNotExist', 'no such queue');
      rig.deadLetters.push({ queueArn: arn, body, attributes, ruleArn });
    },
    faults: {
      onPutEvents: (entries) => rig.faults.onPutEvents?.(entries),
      onPutEventsEntry: (entry) => rig.faults.onPutEventsEntry?.(entry),
      onDelivery: (delivery) => rig.faults.onDelivery?.(delivery),
    },
  });
  endpoint.add(engine.service);
  const client = new EventBridgeClient({
    endpoint: endpoint.url,
    region: REGION,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  });

  const rig: EventBridgeRig & AsyncDisposable = {
    client,
    clock,
    engine,
    faults: {},
    delivered: [],
    deadLetters: [],
    warnings,
    onAttempt: () => undefined,
    async settle() {
      for (let turn = 0; turn < 5; turn++) {
        clock.advance(0);
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
    async [Symbol.asyncDispose]() {
      client.destroy();
      engine.close();
      await endpoint.close();
    },
  };
  return rig;
}

async function useForeignEventBridge(): Promise<EventBridgeRig> {
  const client = new EventBridgeClient({ maxAttempts: 1 });
  removeLater(async () => {
    await removeWhatTestsMade(client);
    client.destroy();
  });
  return {
    client,
    get clock() {
      return movesTime();
    },
    get engine() {
      return looksInside();
    },
    get faults() {
      return looksInside();
    },
    set faults(_) {
      looksInside();
    },
    get delivered() {
      return looksInside();
    },
    get deadLetters() {
      return looksInside();
    },
    get warnings() {
      return looksInside();
    },
    get onAttempt() {
      return looksInside();
    },
    set onAttempt(_) {
      looksInside();
    },
    settle: async () => {},
  };
}

async function removeWhatTestsMade(client: EventBridgeClient): Promise<void> {
  const NamePrefix = nameOf('');
  await client.send(new DeleteArchiveCommand({ ArchiveName: ARCHIVE })).catch((error: unknown) => {
    if (!(error instanceof ResourceNotFoundException)) throw error;
  });
  const { EventBuses = [] } = await client.send(new ListEventBusesCommand({ NamePrefix }));
  for (const { Name } of EventBuses) {
    await removeRules(client, { EventBusName: Name });
    await client.send(new DeleteEventBusCommand({ Name }));
  }
  await removeRules(client, { NamePrefix });
}

async function removeRules(client: EventBridgeClient, which: ListRulesCommandInput): Promise<void> {
  const { Rules = [] } = await client.send(new ListRulesCommand(which));
  for (const { Name, EventBusName } of Rules) {
    const { Targets = [] } = await client.send(new ListTargetsByRuleCommand({ Rule: Name, EventBusName }));
    const Ids = Targets.map(({ Id = '' }) => Id);
    if (Ids.length > 0) await client.send(new RemoveTargetsCommand({ Rule: Name, EventBusName, Ids }));
    await client.send(new DeleteRuleCommand({ Name, EventBusName }));
  }
}

async function askForPlace(): Promise<string> {
  const client = new EventBridgeClient({});
  const { Arn = '' } = await client.send(new DescribeEventBusCommand({}));
  client.destroy();
  return Arn.split(':').slice(3, 5).join(':');
}
