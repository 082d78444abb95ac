import type { AssemblyStack } from './assembly.ts';
import { AssemblyError } from './errors.ts';
import { physicalUuid } from './physical-name.ts';

/** Where all stacks of a run are. */
export interface DeploymentEnvironment {
  readonly accountId: string;
  readonly region: string;
}

/** The values of `AWS::Region` and its like; `AWS::NoValue` is not one, it takes its property away. */
export function pseudoParameters(stackName: string, environment: DeploymentEnvironment): Map<string, unknown> {
  const { accountId, region } = environment;
  const id = physicalUuid(stackName, 'AWS::StackId');
  return new Map<string, unknown>([
    ['AWS::AccountId', accountId],
    ['AWS::NotificationARNs', []],
    ['AWS::Partition', 'aws'],
    ['AWS::Region', region],
    ['AWS::StackId', `arn:aws:cloudformation:${region}:${accountId}:stack/${stackName}/${id}`],
    ['AWS::StackName', stackName],
    ['AWS::URLSuffix', 'amazonaws.com'],
  ]);
}

/** For stacks that are bound to no account or region, as `cdk synth` writes them without credentials. */
export const DEFAULT_ENVIRONMENT: DeploymentEnvironment = { accountId: '000000000000', region: 'us-east-1' };

/** @throws AssemblyError when the stacks are bound to different places: a run has one account and one region. */
export function environmentOf(stacks: readonly AssemblyStack[]): DeploymentEnvironment {
  const only = (what: string, values: readonly (string | undefined)[], whenFree: string): string => {
    const bound = [...new Set(values.filter((value) => value !== undefined))];
    if (bound.length <= 1) return bound[0] ?? whenFree;
    throw new AssemblyError(
      `the stacks are bound to ${bound.length} ${what} (${bound.join(', ')}); a local run has one`,
    );
  };
  return {
    accountId: only(
      'accounts',
      stacks.map(({ account }) => account),
      DEFAULT_ENVIRONMENT.accountId,
    ),
    region: only(
      'regions',
      stacks.map(({ region }) => region),
      DEFAULT_ENVIRONMENT.region,
    ),
  };
}
