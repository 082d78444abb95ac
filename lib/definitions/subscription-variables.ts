import { ENV } from './environment-variables.ts';
import type { Subscription } from './subscription.ts';

/** An event type of a deployed consumer. */
export interface DeployedEventType {
  readonly type: string;
  /** Undefined if an older version deployed the consumer. */
  readonly source: string | undefined;
}

/** The environment variables by which a function and operators' tools know a consumer's subscription. */
export const subscriptionVariables = (subscription: Subscription): Readonly<Record<string, string>> => ({
  [ENV.eventTypes]: subscription.events.map(({ type }) => type).join(','),
  [ENV.eventSources]: sourcesText(subscription),
  [ENV.ordering]: subscription.ordering,
  [ENV.retryBaseSeconds]: String(subscription.retry.baseSeconds),
  [ENV.retryCapSeconds]: String(subscription.retry.capSeconds),
  ...(subscription.ordering === 'strict' ? { [ENV.startFrom]: subscription.startFrom } : {}),
});

/** As `ENV.eventSources` says; the variables of a function have 4 KB in all. */
function sourcesText({ events }: Subscription): string {
  const sources = events.map(({ source }) => source);
  return new Set(sources).size === 1 ? (sources[0] ?? '') : sources.join(' ');
}

/** Reads the event types from a consumer's variables. */
export function readEventTypes(variables: Readonly<Record<string, string | undefined>>): readonly DeployedEventType[] {
  const types = (variables[ENV.eventTypes] ?? '').split(',');
  const sources = variables[ENV.eventSources]?.split(' ');
  return types.map((type, index) => ({ type, source: sources?.[index] ?? sources?.[0] }));
}
