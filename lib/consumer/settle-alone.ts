import { type CloudEvent, METRIC } from '../contracts/index.ts';
import type { Alone } from '../ordering/index.ts';
import { describeFailure } from './error-policy.ts';
import { EventIdMismatchError } from './errors.ts';
import type { ReceivedMessage } from './received-message.ts';
import { settleOne } from './settle-as-they-come.ts';
import type { Workbench } from './workbench.ts';

/**
 * Settles a message of a strict consumer outside the order of its group: the cursor stays where it is, and a failure
 * goes the way of all failures without holding the group. The inbox keeps what is handled late from happening twice.
 */
export async function settleAlone(
  message: ReceivedMessage & { readonly event: CloudEvent },
  why: Alone,
  bench: Workbench,
): Promise<'acknowledge' | 'return'> {
  const fate = (isDone: boolean) => (isDone ? 'acknowledge' : 'return');
  switch (why.kind) {
    case 'unknown':
      return fate(await settleOne(message, bench));
    case 'late': {
      const { generation, processed } = why;
      const onHandled = () => {
        bench.count(METRIC.eventsHandledLate);
        bench.logger.warn('handled late: the cursor had gone past the event without it', {
          event_id: message.event.id,
          tenant_id: message.event.tenantid,
          group: message.event.partitionkey,
          sequence: message.event.sequence,
          processed,
        });
      };
      return fate(await settleOne(message, bench, { generation, onHandled }));
    }
    case 'misplaced': {
      const logged = why.logged.kind === 'event' ? why.logged : undefined;
      const failure = describeFailure(new EventIdMismatchError(message.event, logged), bench.subscription);
      // no deployment, and no new message, mends that
      await bench.failures.giveBack(message, failure);
      return 'return';
    }
  }
}
