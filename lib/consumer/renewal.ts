import { type Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { type CloudEvent, METRIC } from '../contracts/index.ts';
import type { Bell } from '../ordering/index.ts';
import type { Clock } from '../shared/time.ts';
import type { ReceivedMessage } from './received-message.ts';

export interface RenewalDeps {
  readonly bell: Bell;
  readonly clock: Clock;
  readonly metrics: Metrics;
}

/** What gives an event new receives, where its message has used up its own and the event is not at fault. */
export interface Renewal {
  /** Puts a new message of the event in place of this one. @returns whether it did: not without a group to put it into */
  renew(message: ReceivedMessage): Promise<boolean>;
  /** Tells of an event with a new message: the queue no longer shows how long it has waited. */
  tell(event: CloudEvent): void;
}

export function createRenewal({ bell, clock, metrics }: RenewalDeps): Renewal {
  const tell = ({ time }: CloudEvent) =>
    void metrics.addMetric(
      METRIC.renewedEventAge,
      MetricUnit.Milliseconds,
      Math.max(clock.now() - Date.parse(time), 0),
    );

  return {
    tell,

    async renew({ event, messageGroup, body, receiptHandle }) {
      const group = event?.partitionkey ?? messageGroup;
      if (group === undefined) return false;
      // the new bell before the old one goes: a crash between them leaves one too many, not none
      await bell.ring(group, body);
      await bell.acknowledge([receiptHandle]);
      if (event !== undefined) tell(event);
      return true;
    },
  };
}
