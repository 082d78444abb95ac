import { Arn, ArnFormat, Stack, Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { z } from 'zod';
import { type EnvironmentSettings, parseSettings, SETTING_NAMES, SettingsError } from '../settings.ts';

/** Of the content. A change that older readers would misunderstand is another number; they ignore members that they do not know. */
const FORMAT = 1;

/** What a standard parameter holds. @see https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html */
const PARAMETER_MAX_LENGTH = 4096;

/** The names of a bus and of a table have up to 256 characters. */
const ARN_MAX_LENGTH = 340;

/** What a hub consists of, for a service of another app. */
export interface HubArns {
  readonly busArn: string;
  readonly outboxTableArn: string;
  readonly pendingTableArn: string;
  readonly inboxTableArn: string;
  readonly cursorsTableArn: string;
}

export const HUB_ARNS = ['busArn', 'outboxTableArn', 'pendingTableArn', 'inboxTableArn', 'cursorsTableArn'] as const;

/** What a hub tells of itself. */
export interface HubDescriptor extends HubArns {
  readonly environmentName: string;
  readonly settings: EnvironmentSettings;
}

/** The content of the parameter. ARNs that only the deployment knows are put in by CloudFormation. */
export const writeDescriptor = (scope: IConstruct, descriptor: HubDescriptor): string =>
  Stack.of(scope).toJsonString({ format: FORMAT, ...descriptor });

/** A parameter of the standard tier must hold the content, however long the names are that CloudFormation makes up. */
export function descriptorProblem(descriptor: Pick<HubDescriptor, 'environmentName' | 'settings'>): string | undefined {
  const longest = Object.fromEntries(HUB_ARNS.map((name) => [name, 'x'.repeat(ARN_MAX_LENGTH)]));
  const { length } = JSON.stringify({ format: FORMAT, ...descriptor, ...longest });
  return length <= PARAMETER_MAX_LENGTH
    ? undefined
    : `settings must leave the hub's description within the ${PARAMETER_MAX_LENGTH} characters of a standard parameter, got up to ${length}: shorten alarmTopicArn, metricNamespace or environmentName`;
}

const schema = z.object({
  environmentName: z.string(),
  settings: z.record(z.string(), z.unknown()),
  ...(Object.fromEntries(HUB_ARNS.map((name) => [name, z.string()])) as Record<keyof HubArns, z.ZodString>),
});

export type ReadDescriptor =
  | { readonly kind: 'read'; readonly descriptor: HubDescriptor }
  | { readonly kind: 'refused'; readonly problems: readonly string[] };

/** Reads the content of a hub's parameter, which a newer or older version of Waybill may have written. */
export function readDescriptor(content: unknown): ReadDescriptor {
  const refused = (...problems: readonly string[]) => ({ kind: 'refused', problems }) as const;
  const value = typeof content === 'string' ? parseJson(content) : content;
  const format: unknown = typeof value === 'object' && value !== null && 'format' in value ? value.format : undefined;
  if (format === undefined) {
    return refused(`it must be the description of a hub, got ${JSON.stringify(content)}: deploy the hub's app first`);
  }
  if (format !== FORMAT) {
    return refused(
      `its format must be ${FORMAT}, got ${JSON.stringify(format)}: use the version of Waybill with which the hub is deployed`,
    );
  }
  const result = schema.safeParse(value);
  if (!result.success) {
    return refused(...result.error.issues.map(({ path, message }) => `its ${path.join('.')}: ${message}`));
  }
  try {
    // settings of a newer hub that this version does not know concern the hub alone
    const known = Object.entries(result.data.settings).filter(([name]) => SETTING_NAMES.includes(name));
    const settings = parseSettings('the settings of the hub', Object.fromEntries(known));
    return { kind: 'read', descriptor: { ...result.data, settings } };
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    const fix = "deploy the hub's app with this version of Waybill";
    return refused(...error.problems.map((problem) => `its settings: ${problem}: ${fix}`));
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What is wrong with the ARNs of a hub that a stack joins. An ARN that is known at deployment only passes. */
export function arnProblems(scope: IConstruct, arns: HubArns): readonly (string | undefined)[] {
  const stack = Stack.of(scope);
  return HUB_ARNS.flatMap((name) => {
    const arn = arns[name];
    if (Token.isUnresolved(arn)) return [];
    const service = name === 'busArn' ? 'events' : 'dynamodb';
    const resource = name === 'busArn' ? 'event-bus' : 'table';
    const parts = /^arn:[\w-]+:[a-z]+:[\w-]+:\d{12}:[\w-]+\/./.test(arn)
      ? Arn.split(arn, ArnFormat.SLASH_RESOURCE_NAME)
      : undefined;
    if (parts?.service !== service || parts.resource !== resource) {
      const example = `arn:aws:${service}:eu-west-1:111122223333:${resource}/name`;
      return [`${name} must be an ARN such as ${example}, got '${arn}'`];
    }
    return (['region', 'account'] as const).flatMap((part) => {
      const own = stack[part];
      if (own === parts[part]) return [];
      const got = Token.isUnresolved(own) ? 'a stack whose env does not say it' : own;
      return [
        `its stack must be in the ${part} of the hub's ${name}, ${parts[part]}, since a transaction stays in one account and region, got ${got}: set env of the stack, or make a hub there`,
      ];
    });
  });
}
