import type { EpochMs } from '../../lib/shared/time.ts';
import type { EngineClock } from '../clock.ts';
import type { RunLog } from '../log.ts';
import { offer } from './archive.ts';
import { type BusEvent, createBusEvent } from './bus-event.ts';
import type { Bus, Buses } from './buses.ts';
import type { Deliveries } from './delivery.ts';
import { UndeliverableError } from './delivery-error.ts';

export interface Router {
  /** Puts an event on a bus: into its archives and on its way to the targets of the rules that match. */
  route(event: BusEvent, busNameOrArn: string | undefined, ruleArns?: ReadonlySet<string>): void;
  /** From one bus to another, the same event. @throws UndeliverableError for a third bus or an unknown one. */
  forward(event: BusEvent, busArn: string): void;
  /** Sends a Scheduled Event to the targets of a rule of the default bus. */
  fireSchedule(ruleArn: string, dueAt: EpochMs): void;
  /** ARNs of the targets that the rules in force would send an event to, whatever its bus. */
  targetsOf(event: object): readonly string[];
}

export interface RouterOptions {
  readonly buses: Buses;
  readonly deliveries: Deliveries;
  readonly clock: EngineClock;
  readonly region: string;
  readonly accountId: string;
  readonly log: RunLog;
  readonly newId: () => string;
}

export function createRouter({ buses, deliveries, clock, region, accountId, log, newId }: RouterOptions): Router {
  const routeOn = (bus: Bus, event: BusEvent, ruleArns?: ReadonlySet<string>) => {
    for (const archive of bus.archives) offer(archive, event);
    for (const rule of bus.rules.values()) {
      if (!rule.enabled || rule.pattern === undefined || ruleArns?.has(rule.arn) === false) continue;
      if (!rule.pattern.matches(event.fields)) continue;
      for (const target of rule.targets.values()) deliveries.start({ event, rule, target });
    }
  };

  return {
    route(event, busNameOrArn, ruleArns) {
      const bus = buses.find(busNameOrArn);
      if (bus !== undefined) return routeOn(bus, event, ruleArns);
      log('warn', 'events', `an event for the bus '${busNameOrArn}', which does not exist, is dropped, as AWS does`, {
        eventId: event.fields['id'],
        source: event.fields['source'],
        detailType: event.fields['detail-type'],
      });
    },
    forward(event, busArn) {
      const bus = buses.find(busArn);
      if (bus === undefined) throw new UndeliverableError('NO_RESOURCE', `event bus ${busArn} does not exist`);
      if (event.forwarded) {
        throw new UndeliverableError(
          'THIRD_ACCOUNT_HOP_DETECTED',
          `the event has passed two buses, ${busArn} would be a third`,
        );
      }
      routeOn(bus, { ...event, forwarded: true });
    },
    targetsOf: (event) =>
      [...buses.all()]
        .flatMap(({ rules }) => [...rules.values()])
        .filter(({ enabled, pattern }) => enabled && pattern?.matches(event) === true)
        .flatMap(({ targets }) => [...targets.values()].map(({ arn }) => arn)),
    fireSchedule(ruleArn, dueAt) {
      const rule = [...buses.require(undefined).rules.values()].find(({ arn }) => arn === ruleArn);
      if (rule === undefined) return;
      const event = createBusEvent({
        id: newId(),
        source: 'aws.events',
        detailType: 'Scheduled Event',
        account: accountId,
        region,
        resources: [rule.arn],
        detail: {},
        detailJson: '{}',
        occurredAt: dueAt,
        ingestedAt: clock.now(),
      });
      for (const target of rule.targets.values()) deliveries.start({ event, rule, target });
    },
  };
}
