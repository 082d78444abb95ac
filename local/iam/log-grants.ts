import { AwsError } from '../endpoint/aws-error.ts';
import type { Place } from './needs/need.ts';
import type { Permissions } from './permissions.ts';

/**
 * Asks once per function, at its first line, whether its role may write logs. A run shows the lines anyway; AWS would
 * drop them without a word, so the run's log says it.
 */
export function createLogGrants(
  permissions: Permissions,
  { region, accountId }: Place,
): (functionName: string) => void {
  const asked = new Set<string>();
  return (functionName) => {
    const caller = permissions.functionCaller(functionName);
    const logGroup = permissions.logGroupOf(functionName);
    if (caller === undefined || logGroup === undefined || asked.has(functionName)) return;
    asked.add(functionName);
    const resource = `arn:aws:logs:${region}:${accountId}:log-group:${logGroup}:log-stream:local`;
    const actions = ['logs:CreateLogStream', 'logs:PutLogEvents'];
    try {
      permissions.authorize(
        caller,
        actions.map((action) => ({ action, resource })),
      );
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
    }
  };
}
