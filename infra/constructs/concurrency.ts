import { CfnEventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import type { IConstruct } from 'constructs';
import type { EnvironmentSettings } from '../settings.ts';
import { asRecord, numberIn, renderedProperties, resourceOf } from './rendered.ts';
import type { FunctionSizing, WaybillFunction } from './waybill-function.ts';

/** What Lambda keeps for functions without a reservation. @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html */
const ALWAYS_UNRESERVED = 100;

const maximumOf = (mapping: CfnEventSourceMapping): number | undefined =>
  numberIn(asRecord(renderedProperties(mapping)['ScalingConfig']), 'MaximumConcurrency', 0);

/**
 * What is wrong with a function's reserved concurrency as the template will have it, by prop or by escape hatch: a mapping
 * that may call it more often has calls turned away, and each takes a receive from its messages.
 */
export function reservationProblems(handler: WaybillFunction, mapping: CfnEventSourceMapping): string[] {
  const resource = resourceOf(handler);
  const maximum = maximumOf(mapping);
  if (resource === undefined || maximum === undefined) return [];
  const reserved = numberIn(renderedProperties(resource), 'ReservedConcurrentExecutions', Number.POSITIVE_INFINITY);
  if (reserved === undefined || reserved >= maximum) return [];
  return [
    `reservedConcurrentExecutions of '${handler.node.path}' must be at least the ${maximum} executions that its queue's mapping may take (maxConcurrency), got ${reserved}: raise it or lower maxConcurrency, else Lambda turns calls away and their messages become dead letters unhandled; to stop a consumer, disable its mapping`,
  ];
}

/**
 * What the mappings of an app may take together leaves the relay nothing.
 * @returns undefined where it does not, and where the relay has executions of its own
 */
export function starvedRelay(
  app: IConstruct,
  { accountConcurrency, relayReservedConcurrency }: EnvironmentSettings,
): string | undefined {
  if (relayReservedConcurrency > 0) return undefined;
  const maxima = app.node
    .findAll()
    .filter((each) => each instanceof CfnEventSourceMapping)
    .map((mapping) => maximumOf(mapping) ?? 0)
    .filter((maximum) => maximum > 0);
  const together = maxima.reduce((sum, maximum) => sum + maximum, 0);
  if (together <= accountConcurrency - ALWAYS_UNRESERVED) return undefined;
  return `the ${maxima.length} queue mappings of the app may take ${together} executions together, and the account has ${accountConcurrency} (accountConcurrency): in a peak the relay gets none, and events wait; set relayReservedConcurrency, lower maxConcurrency, or have the account's quota raised and set accountConcurrency`;
}

/** Executions kept for a function of the hub's own, where the settings reserve any. */
export const reservedFor = (
  { relayReservedConcurrency }: EnvironmentSettings,
  executions: number,
): Pick<FunctionSizing, 'reservedConcurrentExecutions'> =>
  relayReservedConcurrency === 0 ? {} : { reservedConcurrentExecutions: executions };
