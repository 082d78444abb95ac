import { CreateScheduleCommand, type CreateScheduleCommandInput, SchedulerClient } from '@aws-sdk/client-scheduler';
import type { EpochMs } from '../../../lib/shared/time.ts';
import { createMovableClock, type MovableClock } from '../../../local/clock.ts';
import { openEndpoint } from '../../../local/endpoint/endpoint.ts';
import type { SchedulerFaults } from '../../../local/scheduler/faults.ts';
import type { TargetRequest } from '../../../local/scheduler/invocations.ts';
import { createScheduler, type Scheduler } from '../../../local/scheduler/scheduler.ts';
import { needsOwnEngine } from './endpoint-under-test.ts';

interface DeadLetter {
  readonly queueArn: string;
  readonly input: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** A Scheduler behind its endpoint, at 06:00 on a Friday, with targets that write down what they get. */
export interface SchedulerRig extends AsyncDisposable {
  readonly client: SchedulerClient;
  readonly clock: MovableClock;
  readonly engine: Scheduler;
  /** `HH:MM:SS input`, in order. */
  readonly invoked: string[];
  readonly requests: TargetRequest[];
  readonly deadLetters: DeadLetter[];
  readonly logged: string[];
  /** Called before a target takes an invocation: an error that it throws fails the attempt. */
  onAttempt: (request: TargetRequest) => void;
  /** Creates `tick`, a schedule for a queue. */
  create(expression: string, more?: Partial<CreateScheduleCommandInput>): Promise<string | undefined>;
  /** Moves the clock, and lets everything happen that is due by then. */
  pass(minutes: number): Promise<void>;
}

const T0 = Date.UTC(2026, 10, 20, 6, 0, 0) as EpochMs;
const MINUTE_MS = 60_000;
const REGION = 'eu-central-1';
const ACCOUNT = '111122223333';

export const QUEUE_TARGET = {
  Arn: `arn:aws:sqs:${REGION}:${ACCOUNT}:ticks`,
  RoleArn: `arn:aws:iam::${ACCOUNT}:role/scheduler`,
  Input: 'tick',
};

/** @param faults trouble on demand */
export async function openSchedulerRig(faults?: SchedulerFaults): Promise<SchedulerRig> {
  needsOwnEngine('SCHEDULER', 'its targets write down what they get');
  const clock = createMovableClock(() => T0);
  const logged: string[] = [];
  const log = (level: string, _source: string, message: string) => void logged.push(`${level} ${message}`);
  const endpoint = await openEndpoint({ log });
  let ids = 0;
  const engine = createScheduler({
    clock,
    region: REGION,
    accountId: ACCOUNT,
    newId: () => `00000000-0000-4000-8000-${String(++ids).padStart(12, '0')}`,
    random: () => 0.5,
    log,
    faults,
    async send(request) {
      rig.onAttempt(request);
      rig.requests.push(request);
      rig.invoked.push(`${new Date(clock.now()).toISOString().slice(11, 19)} ${request.input}`);
    },
    async sendToDeadLetterQueue({ input }, queueArn, attributes) {
      if (queueArn.endsWith(':gone')) throw new Error('no such queue');
      rig.deadLetters.push({ queueArn, input, attributes });
    },
  });
  endpoint.add(engine.service);
  const client = new SchedulerClient({
    endpoint: endpoint.url,
    region: REGION,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  });

  const settle = async () => {
    for (let turn = 0; turn < 3; turn++) {
      clock.advance(0);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const rig: SchedulerRig = {
    client,
    clock,
    engine,
    invoked: [],
    requests: [],
    deadLetters: [],
    logged,
    onAttempt: () => undefined,
    async create(ScheduleExpression, more = {}) {
      const command = new CreateScheduleCommand({
        Name: 'tick',
        ScheduleExpression,
        FlexibleTimeWindow: { Mode: 'OFF' },
        Target: QUEUE_TARGET,
        ...more,
      });
      const { ScheduleArn } = await client.send(command);
      await settle();
      return ScheduleArn;
    },
    async pass(minutes) {
      for (let minute = 0; minute < minutes; minute++) {
        clock.advance(MINUTE_MS);
        await settle();
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
