import type { EngineClock } from '../clock.ts';
import type { Topology } from '../ledger/topology.ts';
import type { Sqs } from '../sqs/sqs.ts';
import type { Deployment } from '../template/deployment.ts';
import { counted } from '../view/counted.ts';
import { AWS_COMMAND } from '../view/look-in.ts';
import type { Screen } from '../view/screen.ts';

export interface DeadLetterSources {
  readonly sqs: Pick<Sqs, 'depths'>;
  /** As it is at that moment. */
  readonly deployment: () => Pick<Deployment, 'queues'>;
  /** As it is at that moment. */
  readonly consumers: () => readonly Pick<Topology['consumers'][number], 'name' | 'queue' | 'undeliverableQueueArns'>[];
}

/** What stays until somebody acts, and the command to act with. */
interface DeadLetters {
  readonly queueArn: string;
  readonly count: number;
  readonly lines: readonly [what: string, command: string];
}

/** Every dead-letter queue and undeliverable queue that holds something. */
function findDeadLetters({ sqs, deployment, consumers }: DeadLetterSources): readonly DeadLetters[] {
  const depths = new Map(sqs.depths().map((depth) => [depth.queueArn, depth.visible + depth.inFlight + depth.delayed]));
  const consumerOf = new Map(consumers().map(({ name, queue }) => [queue.arn, name]));
  const sources = Map.groupBy(
    deployment().queues.filter(({ deadLetterQueueArn }) => deadLetterQueueArn !== undefined),
    ({ deadLetterQueueArn = '' }) => deadLetterQueueArn,
  );
  const dead = [...sources].map(([queueArn, queues]) => {
    const count = depths.get(queueArn) ?? 0;
    const names = queues.map(({ arn, queueName }) => consumerOf.get(arn) ?? queueName).join(' and ');
    return {
      queueArn,
      count,
      lines: [
        `${names}: ${counted(count, 'dead letter')}. Once the cause is fixed, redrive:`,
        `  ${AWS_COMMAND} sqs start-message-move-task --source-arn ${queueArn}`,
      ] as const,
    };
  });
  const undeliverable = consumers().flatMap(({ name, undeliverableQueueArns }) =>
    [...new Set(undeliverableQueueArns)].map((queueArn) => {
      const count = depths.get(queueArn) ?? 0;
      return {
        queueArn,
        count,
        lines: [
          `${name}: the bus could not deliver ${counted(count, 'event')}. Once the cause is fixed, deliver:`,
          `  npx waybill deliver --consumer ${name}`,
        ] as const,
      };
    }),
  );
  return [...dead, ...undeliverable].filter(({ count }) => count > 0);
}

const LOOK_EVERY_MS = 1000;

/** Says of each queue that gets dead letters how they come back: once, and anew when it was empty in between. */
export function tellDeadLetters(
  sources: DeadLetterSources,
  { screen, clock }: { readonly screen: Pick<Screen, 'line'>; readonly clock: EngineClock },
): Disposable {
  let told: ReadonlySet<string> = new Set();
  let cancel = () => {};
  const look = () => {
    const found = findDeadLetters(sources);
    for (const { queueArn, lines } of found) {
      if (!told.has(queueArn)) for (const line of lines) screen.line(line);
    }
    told = new Set(found.map(({ queueArn }) => queueArn));
    cancel = clock.schedule(LOOK_EVERY_MS, look);
  };
  look();
  return { [Symbol.dispose]: () => cancel() };
}
