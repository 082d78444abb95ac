import {
  DescribeRuleCommand,
  DisableRuleCommand,
  EnableRuleCommand,
  type EventBridgeClient,
  ListRuleNamesByTargetCommand,
} from '@aws-sdk/client-eventbridge';
import { PollingUnclearError } from './errors.ts';
import type { ConsumerPolling } from './ports.ts';

export interface RuleScheduleOptions {
  readonly client: EventBridgeClient;
  readonly functionName: string;
  readonly functionArn: string;
}

/**
 * The scheduled rules that invoke a function.
 * @throws PollingUnclearError `POLLING_UNCLEAR` if it has none
 * @see https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DisableRule.html
 */
export function createRuleSchedule({ client, functionName, functionArn }: RuleScheduleOptions): ConsumerPolling {
  const findRules = async (): Promise<readonly string[]> => {
    const names: string[] = [];
    let next: string | undefined;
    do {
      const page = await client.send(
        new ListRuleNamesByTargetCommand({ TargetArn: functionArn, ...(next !== undefined && { NextToken: next }) }),
      );
      names.push(...(page.RuleNames ?? []));
      next = page.NextToken;
    } while (next !== undefined);
    if (names.length === 0) throw new PollingUnclearError(functionName, 'at least one scheduled rule', 0);
    return names;
  };

  return {
    async isEnabled() {
      for (const Name of await findRules()) {
        const { State } = await client.send(new DescribeRuleCommand({ Name }));
        if (State !== 'DISABLED') return true;
      }
      return false;
    },
    async setEnabled(enabled) {
      for (const Name of await findRules()) {
        await client.send(enabled ? new EnableRuleCommand({ Name }) : new DisableRuleCommand({ Name }));
      }
    },
  };
}
