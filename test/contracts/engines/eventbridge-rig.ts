import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import type { EpochMs } from '../../../lib/shared/time.ts';
import { createMovableClock, type MovableClock } from '../../../local/clock.ts';
import { type Endpoint, openEndpoint } from '../../../local/endpoint/endpoint.ts';
import {
  createEventBridge,
  type DeliveryRequest,
  type EventBridge,
  type EventBridgeFaults,
} from '../../../local/eventbridge/eventbridge.ts';

interface DeadLetter {
  readonly queueArn: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly ruleArn: string;
}

/** An engine behind its endpoint, with targets that write down what they get. */
export interface EventBridgeRig extends AsyncDisposable {
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
const REGION = 'eu-central-1';
const ACCOUNT = '111122223333';
export const queueArn = (name: string) => `arn:aws:sqs:${REGION}:${ACCOUNT}:${name}`;

export async function openEventBridgeRig(): Promise<EventBridgeRig> {
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
      if (arn.endsWith(':gone')) throw new Error('no such queue');
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

  const rig: EventBridgeRig = {
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
