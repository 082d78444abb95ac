import type { IConstruct } from 'constructs';
import type { EnvironmentSettings } from '../settings.ts';
import type { EventHub } from './event-hub.ts';
import { isSamePlace } from './place-checks.ts';

/** What distinguishes a hub from others of its account and region. */
export interface HubIdentity {
  readonly environmentName: string;
  readonly settings: Pick<EnvironmentSettings, 'metricNamespace'>;
}

/**
 * What a hub must not have in common with another one of its account and region.
 * @param others the hubs of the app: those of other apps are not seen
 */
export function neighbourProblems(
  construct: IConstruct,
  { environmentName, settings: { metricNamespace } }: HubIdentity,
  others: readonly EventHub[],
): readonly string[] {
  const neighbours = others.filter((other) => isSamePlace(other, construct));
  const namesake = neighbours.find((other) => other.environmentName === environmentName);
  const measured = neighbours.find((other) => other.settings.metricNamespace === metricNamespace);
  return [
    ...(namesake === undefined
      ? []
      : [
          `environmentName must differ between the hubs of an account and region, got '${environmentName}', which '${namesake.node.path}' has: with one name, operators' tools would mix up their consumers; give one of them another`,
        ]),
    ...(measured === undefined
      ? []
      : [
          `settings.metricNamespace must differ between the hubs of an account and region, got '${metricNamespace}', which '${measured.node.path}' has: with one namespace, the alarms of each hub would watch the metrics of both; give one of them another`,
        ]),
  ];
}
