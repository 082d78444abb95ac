import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import {
  ENV,
  newestOf,
  SAGAS_TABLE,
  type SagaVersions,
  SHORTEST_TIMER_SECONDS,
  sagaPublishes,
  sagaRetryRequested,
  sagaSubscription,
} from '../../lib/definitions/index.ts';
import { assertGiven, assertProps, durationOutOfRange } from './assert-props.ts';
import { EventConsumer, type EventConsumerProps } from './event-consumer.ts';
import { addOutputs } from './outputs.ts';
import { addProcessManagerAlarms } from './process-manager-alarms.ts';
import { SagaTimers } from './saga-timers.ts';
import { tableFrom } from './table-from.ts';

/** The timeout must be shorter than the shortest timer, so that the transition is committed before its timer fires. */
const TIMEOUT_RANGE = {
  min: 1,
  max: SHORTEST_TIMER_SECONDS,
  fix: 'in more time a timer could be due before the event that started it is committed',
};

export interface ProcessManagerProps
  extends Omit<EventConsumerProps, 'subscription' | 'publishes' | 'timeout' | 'eventStreams'> {
  /** At most a minute, the shortest time that a timer runs. @default - as every consumer's */
  readonly timeout?: EventConsumerProps['timeout'];
  /** A saga calls no services, so that it needs none of their clients. @default false */
  readonly eventStreams?: boolean;
  /** One version, or all that instances may still be of; its code serves the same ones. */
  readonly saga: SagaVersions;
}

/**
 * One saga's consumer, with the table of its instances and the timers that wake them.
 *
 * Derived from the declaration, not asked: what the consumer takes and what it publishes.
 *
 * @example
 * new ProcessManager(this, 'Fulfilment', { hub, saga: fulfilment, entry: 'functions/fulfilment/index.ts' });
 *
 * @throws WiringError `WIRING_INVALID` with every problem of the props
 */
export class ProcessManager extends Construct {
  readonly consumer: EventConsumer;
  /** State, listing and history of every instance. */
  readonly table: Table;
  readonly timers: SagaTimers;

  constructor(scope: Construct, id: string, managerProps: ProcessManagerProps) {
    super(scope, id);
    assertGiven(this, managerProps, 'hub', 'saga', 'entry');
    assertProps(this, [durationOutOfRange('timeout', managerProps.timeout, TIMEOUT_RANGE)]);
    const { saga, eventStreams = false, ...props } = managerProps;
    const { hub } = props;
    const { name } = newestOf(saga);
    this.table = tableFrom(this, 'Sagas', SAGAS_TABLE, hub.settings);
    this.timers = new SagaTimers(this, 'Timers', { hub, saga: name });
    // by operators' tools
    hub.registerProducer(this, [sagaRetryRequested(name)]);
    this.consumer = new EventConsumer(this, 'Consumer', {
      ...props,
      eventStreams,
      subscription: sagaSubscription(saga),
      publishes: sagaPublishes(saga),
    });
    this.consumer.function.useTable(this.table, ENV.sagasTableName, ['GetItem', 'PutItem']);
    this.timers.grantUse(this.consumer.function);
    addProcessManagerAlarms(this, { settings: hub.settings, name });
    this.tellOperators(name);
  }

  /** Adds outputs for operators to the saga's stack. */
  private tellOperators(name: string): void {
    const { queue, deadLetterQueue, scheduleGroup } = this.timers;
    addOutputs(this, name, {
      SagasTableName: { value: this.table.tableName, description: `States and histories of '${name}'` },
      ScheduleGroupName: { value: scheduleGroup.ref, description: `Timers of '${name}' that run` },
      TimersQueueUrl: { value: queue.queueUrl, description: `Timers of '${name}' that are due` },
      TimersQueueArn: { value: queue.queueArn, description: `Timer queue of '${name}', the target of a redrive` },
      TimersDeadLetterQueueUrl: { value: deadLetterQueue.queueUrl, description: `Timers of '${name}' that failed` },
      TimersDeadLetterQueueArn: {
        value: deadLetterQueue.queueArn,
        description: `Timer dead-letter queue of '${name}', the source of a redrive`,
      },
    });
  }
}
