import { Stack, Token } from 'aws-cdk-lib';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import type { Construct } from 'constructs';
import { hubContextKey, hubParameterName } from '../../lib/definitions/index.ts';
import { defineSettings } from '../environments.ts';
import { type EnvironmentSettings, parseSettings, SettingsError } from '../settings.ts';
import { assertPropsAt } from './assert-props.ts';
import { HUB_ARNS, type HubDescriptor, readDescriptor } from './hub-descriptor.ts';

/** What a service's own consumers may have differently from its hub. */
export type ServiceSettings = Partial<
  Pick<
    EnvironmentSettings,
    | 'queueRetentionDays'
    | 'logRetentionDays'
    | 'logLevel'
    | 'maxConcurrency'
    | 'maxReceiveCount'
    | 'alarmsEnabled'
    | 'alarmTopicArn'
    | 'removalPolicy'
    | 'deletionProtection'
    | 'pointInTimeRecovery'
    | 'tracing'
  >
>;

/** Settings that a service of another app may choose for its own consumers; the others are the hub's. */
const OWN_SETTINGS: readonly (keyof ServiceSettings)[] = [
  'queueRetentionDays',
  'logRetentionDays',
  'logLevel',
  'maxConcurrency',
  'maxReceiveCount',
  'alarmsEnabled',
  'alarmTopicArn',
  'removalPolicy',
  'deletionProtection',
  'pointInTimeRecovery',
  'tracing',
];

/** What CDK gives for a value that it has yet to look up: the app is then synthesized once more with the value. */
const YET_TO_COME = 'dummy-value-for-';

/**
 * Finds a deployed hub by its environment.
 * @throws WiringError `WIRING_INVALID` for a stack whose env does not say account and region, and for a parameter that no
 * hub has written
 */
export function lookUpHub(scope: Construct, id: string, environmentName: string): HubDescriptor {
  const { account, region } = Stack.of(scope);
  const parameterName = hubParameterName(environmentName);
  const path = `${scope.node.path}/${id}`;
  assertPropsAt('EventHub.fromLookup', path, [
    Token.isUnresolved(account) || Token.isUnresolved(region)
      ? `its stack must say account and region, since a lookup asks one account: set env: { account: process.env.CDK_DEFAULT_ACCOUNT, region: process.env.CDK_DEFAULT_REGION }`
      : undefined,
  ]);
  const content: unknown =
    scope.node.tryGetContext(hubContextKey(environmentName)) ?? StringParameter.valueFromLookup(scope, parameterName);
  if (typeof content === 'string' && content.startsWith(YET_TO_COME)) return placeholderOf(scope, environmentName);
  const read = readDescriptor(content);
  if (read.kind === 'read') return read.descriptor;
  assertPropsAt(
    'EventHub.fromLookup',
    path,
    read.problems.map((problem) => `the parameter '${parameterName}' cannot be used: ${problem}`),
  );
  throw new TypeError(`'${parameterName}' was refused without a problem`);
}

/** Of the pass of synth in which the hub is not known yet; it takes whatever the hub may turn out to allow. */
function placeholderOf(scope: Construct, environmentName: string): HubDescriptor {
  const { account, region } = Stack.of(scope);
  const arnOf = (name: (typeof HUB_ARNS)[number]) =>
    name === 'busArn'
      ? `arn:aws:events:${region}:${account}:event-bus/yet-to-come`
      : `arn:aws:dynamodb:${region}:${account}:table/yet-to-come`;
  const longest = { outboxRetentionDays: 3650, inboxExpiryDays: 3650 };
  const arns = Object.fromEntries(HUB_ARNS.map((name) => [name, arnOf(name)])) as Record<
    (typeof HUB_ARNS)[number],
    string
  >;
  return { environmentName, settings: defineSettings('dev', longest), ...arns };
}

/**
 * The hub with the settings of a service.
 * @throws WiringError `WIRING_INVALID` for a setting that is the hub's, and for one that does not fit the hub's
 */
export function withServiceSettings(path: string, hub: HubDescriptor, own: ServiceSettings = {}): HubDescriptor {
  const others = Object.keys(own).filter((name) => !OWN_SETTINGS.some((allowed) => allowed === name));
  assertPropsAt('EventHub', path, [
    others.length === 0
      ? undefined
      : `settings must be those of the service's own consumers, ${OWN_SETTINGS.join(', ')}, got ${others.join(', ')}: change these in the app that deploys the hub`,
  ]);
  try {
    return { ...hub, settings: parseSettings('the settings of the service', { ...hub.settings, ...own }) };
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    assertPropsAt(
      'EventHub',
      path,
      error.problems.map((problem) => `settings: ${problem}`),
    );
    throw error;
  }
}
