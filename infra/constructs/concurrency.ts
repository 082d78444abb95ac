import { CfnEventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import type { IConstruct } from 'constructs';
import type { EnvironmentSettings } from '../settings.ts';
import { isSamePlace } from './place-checks.ts';
import { asRecord, numberIn, renderedProperties, resourceOf } from './rendered.ts';
import type { FunctionSizing, WaybillFunction } from './waybill-function.ts';

/**
 * Concurrency that Lambda keeps for functions without a reservation.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
 */
const ALWAYS_UNRESERVED = 100;

const maximumOf = (mapping: CfnEventSourceMapping): number | undefined =>
  numberIn(asRecord(renderedProperties(mapping)['ScalingConfig']), 'MaximumConcurrency', 0);

/**
 * Reports reserved concurrency below the mapping's maximum. Lambda throttles the excess, and each throttle costs a
 * receive.
 */
export function reservationProblems(handler: WaybillFunction, mapping: CfnEventSourceMapping): string[] {
  const resource = resourceOf(handler);
  const maximum = maximumOf(mapping);
  if (resource === undefined || maximum === undefined) return [];
  const reserved = numberIn(renderedProperties(resource), 'ReservedConcurrentExecutions', Number.POSITIVE_INFINITY);
  if (reserved === undefined || reserved >= maximum) return [];
  return [
    `reservedConcurrentExecutions of '${handler.node.path}' must be at least the ${maximum} executions of its queue's mapping (maxConcurrency), got ${reserved}: raise it or lower maxConcurrency, otherwise Lambda throttles calls and their messages become dead letters without being handled; to stop a consumer, disable its mapping`,
  ];
}

/**
 * Warns if the total maximum concurrency of the mappings in the hub's account and region leaves none for its relay.
 * @returns undefined if it leaves some, or if the relay has reserved concurrency
 */
export function starvedRelay(
  hub: IConstruct,
  { accountConcurrency, relayReservedConcurrency }: EnvironmentSettings,
): string | undefined {
  if (relayReservedConcurrency > 0) return undefined;
  const maxima = hub.node.root.node
    .findAll()
    .filter((each) => each instanceof CfnEventSourceMapping)
    .filter((each) => isSamePlace(each, hub))
    .map((mapping) => maximumOf(mapping) ?? 0)
    .filter((maximum) => maximum > 0);
  const together = maxima.reduce((sum, maximum) => sum + maximum, 0);
  if (together <= accountConcurrency - ALWAYS_UNRESERVED) return undefined;
  return `the ${maxima.length} queue mappings of the app in the hub's account and region may use ${together} executions in total, and the account has ${accountConcurrency} (accountConcurrency): in a peak none is left for the relay, and events wait; set relayReservedConcurrency, lower maxConcurrency, or have the account's quota raised and set accountConcurrency`;
}

/** Reserved concurrency of the hub's own functions, if the settings reserve any. */
export const reservedFor = (
  { relayReservedConcurrency }: EnvironmentSettings,
  executions: number,
): Pick<FunctionSizing, 'reservedConcurrentExecutions'> =>
  relayReservedConcurrency === 0 ? {} : { reservedConcurrentExecutions: executions };
