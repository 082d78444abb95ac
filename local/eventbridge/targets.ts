import { AwsError } from '../endpoint/aws-error.ts';
import type { JsonObject } from '../endpoint/service.ts';
import type { Buses } from './buses.ts';
import { optionalString, optionalStrings, requireObjects, requireString, validationError } from './members.ts';
import type { Operations } from './operations.ts';
import { pageOf } from './page.ts';
import { readTarget } from './read-target.ts';
import { requireRule } from './rules.ts';

/** @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html */
const MOST_TARGETS = 5;
/** The most that one call may carry. */
const MOST_TARGETS_PER_CALL = 100;

/** @param services the service parts of the target ARNs that this run can deliver to. */
export function createTargetOperations(buses: Buses, services: readonly string[]): Operations {
  return {
    PutTargets(input) {
      const { bus, rule } = requireRule(buses, input, 'Rule');
      const put = requireObjects(input, 'Targets', 1, MOST_TARGETS_PER_CALL).map((one) => readTarget(one, services));
      const targets = new Map(rule.targets);
      for (const target of put) targets.set(target.id, target);
      if (targets.size > MOST_TARGETS) {
        throw new AwsError(
          'LimitExceededException',
          `The requested resource exceeds the maximum number allowed: rule ${rule.name} would have ${targets.size} targets, at most ${MOST_TARGETS} are allowed.`,
        );
      }
      bus.rules.set(rule.name, { ...rule, targets });
      return { FailedEntryCount: 0, FailedEntries: [] };
    },
    RemoveTargets(input) {
      const { bus, rule } = requireRule(buses, input, 'Rule');
      const ids = optionalStrings(input, 'Ids');
      if (ids === undefined || ids.length === 0) throw validationError('Parameter Ids is not valid: name the targets.');
      const failed = ids.filter((id) => !rule.targets.has(id));
      const targets = new Map([...rule.targets].filter(([id]) => !ids.includes(id)));
      bus.rules.set(rule.name, { ...rule, targets });
      return {
        FailedEntryCount: failed.length,
        FailedEntries: failed.map((id) => ({
          TargetId: id,
          ErrorCode: 'ResourceNotFoundException',
          ErrorMessage: `Rule ${rule.name} does not have a target with the Id ${id}.`,
        })),
      };
    },
    ListRuleNamesByTarget(input) {
      const bus = buses.require(optionalString(input, 'EventBusName'));
      const targetArn = requireString(input, 'TargetArn');
      const rules = [...bus.rules.values()].filter(({ targets }) =>
        [...targets.values()].some(({ arn }) => arn === targetArn),
      );
      const { items, ...more } = pageOf(input, rules);
      return { RuleNames: items.map(({ name }) => name), ...more };
    },
    ListTargetsByRule(input) {
      const { rule } = requireRule(buses, input, 'Rule');
      const { items, ...more } = pageOf<JsonObject>(
        input,
        [...rule.targets.values()].map((target) => target.settings),
      );
      return { Targets: items, ...more };
    },
  };
}
