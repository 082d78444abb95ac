import type { EngineClock } from './clock.ts';
import type { EventBridge } from './eventbridge/eventbridge.ts';
import type { Lambda } from './lambda/lambda.ts';
import type { Scheduler } from './scheduler/scheduler.ts';
import type { Sqs } from './sqs/sqs.ts';
import type { Deployment } from './template/deployment.ts';

export interface MovingParts {
  readonly deployment: Deployment;
  readonly sqs: Pick<Sqs, 'depths' | 'activeMoves'>;
  readonly eventBridge: Pick<EventBridge, 'pendingDeliveries'>;
  readonly scheduler: Pick<Scheduler, 'pendingInvocations'>;
  readonly lambda: Pick<Lambda, 'activity'>;
}

/** Everything that moves without anybody's doing, in words. A queue moves by the mapping that reads it. */
export function describeUnsettled({ deployment, sqs, eventBridge, scheduler, lambda }: MovingParts): readonly string[] {
  const { invocations, busyMappings } = lambda.activity();
  const deliveries = eventBridge.pendingDeliveries();
  const moves = sqs.activeMoves();
  const scheduled = scheduler.pendingInvocations();
  const polledArns = new Set(
    deployment.mappings.filter(({ enabled }) => enabled).map((mapping) => mapping.eventSourceArn),
  );
  const queues = sqs
    .depths()
    .filter(({ queueArn, visible, inFlight, delayed }) => polledArns.has(queueArn) && visible + inFlight + delayed > 0);

  return [
    ...(deliveries > 0 ? [`bus: ${count(deliveries, 'delivery', 'deliveries')} pending`] : []),
    ...(scheduled > 0 ? [`scheduler: ${count(scheduled, 'invocation', 'invocations')} pending`] : []),
    ...(moves > 0 ? [`dead letters: ${count(moves, 'move task', 'move tasks')} running`] : []),
    ...queues.map(({ queueName, visible, inFlight, delayed }) => {
      const states = [`${visible} visible`, `${inFlight} in flight`, ...(delayed > 0 ? [`${delayed} delayed`] : [])];
      return `queue ${queueName}: ${states.join(', ')}`;
    }),
    ...busyMappings.map((uuid) => {
      const mapping = deployment.mappings.find(({ physicalId }) => physicalId === uuid);
      if (mapping === undefined) return `mapping ${uuid}: busy`;
      return `${mapping.functionName}: holds records of ${sourceNameOf(mapping.eventSourceArn)}`;
    }),
    ...(invocations > 0 ? [`functions: ${count(invocations, 'invocation', 'invocations')} under way`] : []),
  ];
}

export interface Settling {
  /** Tells that something came to its end. */
  touch(): void;
  settled(signal?: AbortSignal): Promise<void>;
}

/** What ends unseen, such as a stream read, is found by looking again after this time. */
const LOOK_AGAIN_MS = 100;

export function createSettling(clock: EngineClock, unsettled: () => readonly string[]): Settling {
  const listeners = new Set<() => void>();
  const touch = () => {
    for (const listener of listeners) listener();
  };
  const nextChange = (withinMs: number, signal: AbortSignal | undefined) =>
    new Promise<void>((resolve, reject) => {
      const finish = (end: () => void) => () => {
        cancel();
        listeners.delete(done);
        signal?.removeEventListener('abort', abort);
        end();
      };
      const done = finish(resolve);
      const abort = finish(() => reject(signal?.reason));
      const cancel = clock.schedule(withinMs, done);
      signal?.addEventListener('abort', abort, { once: true });
      if (withinMs > 0) listeners.add(done);
    });

  return {
    touch,
    async settled(signal) {
      for (let isQuiet = false; ; ) {
        signal?.throwIfAborted();
        const isEmpty = unsettled().length === 0;
        if (isEmpty && isQuiet) return;
        isQuiet = isEmpty;
        // quiet has to last over what is due this instant: a redrive just asked for starts there
        await nextChange(isQuiet ? 0 : LOOK_AGAIN_MS, signal);
      }
    },
  };
}

const count = (number: number, one: string, many: string): string => `${number} ${number === 1 ? one : many}`;

/** The queue's or table's name. */
const sourceNameOf = (eventSourceArn: string): string => {
  const [, , , , , resource = ''] = eventSourceArn.split(':');
  return resource.split('/')[1] ?? resource;
};
