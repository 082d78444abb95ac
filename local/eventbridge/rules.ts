import { AwsError } from '../endpoint/aws-error.ts';
import type { JsonObject } from '../endpoint/service.ts';
import type { Bus, Buses } from './buses.ts';
import { optionalString, RULE_NAME, requireName, requireString, validationError } from './members.ts';
import type { Operations } from './operations.ts';
import { pageOf } from './page.ts';
import { compileEventPattern } from './pattern/event-pattern.ts';
import type { Rule } from './rule.ts';
import { parseSchedule } from './schedule-expression.ts';
import type { Schedules } from './schedules.ts';
import type { Tags } from './tags.ts';

export interface RulesOptions {
  readonly buses: Buses;
  readonly schedules: Schedules;
  readonly tags: Tags;
  readonly region: string;
  readonly accountId: string;
}

/** @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html */
const MOST_RULES = 300;
const LONGEST_PATTERN = 2_048;

const STATES = ['ENABLED', 'DISABLED', 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS'];

export function createRuleOperations({ buses, schedules, tags, region, accountId }: RulesOptions): Operations {
  const setState = (input: JsonObject, state: string) => {
    const { bus, rule } = requireRule(buses, input, 'Name');
    const changed = { ...rule, state, enabled: state !== 'DISABLED' };
    bus.rules.set(rule.name, changed);
    schedules.follow(changed);
    return {};
  };

  return {
    PutRule(input) {
      const name = requireName(input, 'Name', RULE_NAME);
      const bus = buses.require(optionalString(input, 'EventBusName'));
      const existing = bus.rules.get(name);
      if (existing === undefined && bus.rules.size >= MOST_RULES) {
        throw new AwsError(
          'LimitExceededException',
          `Event bus ${bus.name} has ${MOST_RULES} rules, the most allowed.`,
        );
      }
      const busPart = bus.name === 'default' ? '' : `${bus.name}/`;
      const rule: Rule = {
        name,
        arn: `arn:aws:events:${region}:${accountId}:rule/${busPart}${name}`,
        busName: bus.name,
        ...readTrigger(input, bus),
        ...readState(input),
        description: optionalString(input, 'Description'),
        roleArn: optionalString(input, 'RoleArn'),
        targets: existing?.targets ?? new Map(),
      };
      bus.rules.set(name, rule);
      schedules.follow(rule);
      tags.put(rule.arn, input);
      return { RuleArn: rule.arn };
    },
    DescribeRule(input) {
      const { rule } = requireRule(buses, input, 'Name');
      return { ...describe(rule), CreatedBy: accountId };
    },
    ListRules(input) {
      const bus = buses.require(optionalString(input, 'EventBusName'));
      const prefix = optionalString(input, 'NamePrefix') ?? '';
      const { items, ...more } = pageOf(
        input,
        [...bus.rules.values()].filter((rule) => rule.name.startsWith(prefix)),
      );
      return { Rules: items.map(describe), ...more };
    },
    EnableRule: (input) => setState(input, 'ENABLED'),
    DisableRule: (input) => setState(input, 'DISABLED'),
    DeleteRule(input) {
      const bus = buses.require(optionalString(input, 'EventBusName'));
      const rule = bus.rules.get(requireString(input, 'Name'));
      if (rule === undefined) return {};
      if (rule.targets.size > 0) throw validationError("Rule can't be deleted since it has targets.");
      bus.rules.delete(rule.name);
      schedules.forget(rule);
      tags.drop(rule.arn);
      return {};
    },
  };
}

/** @throws AwsError `ResourceNotFoundException` for an unknown bus or rule. */
export function requireRule(buses: Buses, input: JsonObject, member: 'Name' | 'Rule'): { bus: Bus; rule: Rule } {
  const name = requireString(input, member);
  const bus = buses.require(optionalString(input, 'EventBusName'));
  const rule = bus.rules.get(name);
  if (rule !== undefined) return { bus, rule };
  throw new AwsError('ResourceNotFoundException', `Rule ${name} does not exist on EventBus ${bus.name}.`);
}

function readTrigger(input: JsonObject, bus: Bus): Pick<Rule, 'pattern' | 'schedule'> {
  const pattern = optionalString(input, 'EventPattern');
  const schedule = optionalString(input, 'ScheduleExpression');
  if (pattern === undefined && schedule === undefined) {
    throw validationError('Parameter(s) EventPattern or ScheduleExpression must be specified.');
  }
  if (schedule !== undefined && bus.name !== 'default') {
    throw validationError('ScheduleExpression is supported only on the default event bus.');
  }
  if (pattern !== undefined && pattern.length > LONGEST_PATTERN) {
    throw new AwsError(
      'LimitExceededException',
      `The event pattern has ${pattern.length} characters, at most ${LONGEST_PATTERN} are allowed.`,
    );
  }
  return {
    pattern: pattern === undefined ? undefined : { text: pattern, matches: compileEventPattern(pattern) },
    schedule: schedule === undefined ? undefined : parseSchedule(schedule),
  };
}

function readState(input: JsonObject): Pick<Rule, 'state' | 'enabled'> {
  const state = optionalString(input, 'State') ?? 'ENABLED';
  if (!STATES.includes(state)) {
    throw validationError(
      `1 validation error detected: Value '${state}' at 'state' failed to satisfy constraint: Member must satisfy enum value set: [${STATES.join(', ')}]`,
    );
  }
  return { state, enabled: state !== 'DISABLED' };
}

const describe = (rule: Rule) => ({
  Name: rule.name,
  Arn: rule.arn,
  EventPattern: rule.pattern?.text,
  ScheduleExpression: rule.schedule?.text,
  State: rule.state,
  Description: rule.description,
  RoleArn: rule.roleArn,
  EventBusName: rule.busName,
});
