import { Stack, Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** Account and region of a construct's stack; undefined for what is known at deployment only. */
interface Place {
  readonly account: string | undefined;
  readonly region: string | undefined;
}

/**
 * What is wrong with a construct that is deployed to another place than the hub that it works with. References across
 * regions, which CDK can make, do not help: a rule sits with its bus, and a transaction stays in one region.
 * @param what the sentence's subject: `its stack`
 * @param reason why it must be there: `a rule sits with its bus`
 */
export function placeProblem(what: string, construct: IConstruct, hub: IConstruct, reason: string): string | undefined {
  const [own, its] = [placeOf(construct), placeOf(hub)];
  const part = (['region', 'account'] as const).find((each) => own[each] !== its[each]);
  if (part === undefined) return undefined;
  return `${what} must be in the ${part} of its hub '${hub.node.path}', ${its[part] ?? UNKNOWN}, since ${reason}, got ${own[part] ?? UNKNOWN}: give both stacks the same env, or make a hub there`;
}

/** The same for a principal, which belongs to an account and to no region. An account that is not known passes. */
export function accountProblem(account: string | undefined, hub: IConstruct): string | undefined {
  const its = placeOf(hub).account;
  if (account === undefined || Token.isUnresolved(account) || its === undefined || account === its) return undefined;
  return `the publisher must be in the account of its hub '${hub.node.path}', ${its}, since a transaction stays in one account, got ${account}: publish through a function or service of account ${its}`;
}

/** Whether two constructs are deployed to one account and region, as far as the app says. */
export function isSamePlace(one: IConstruct, other: IConstruct): boolean {
  const [a, b] = [placeOf(one), placeOf(other)];
  return a.account === b.account && a.region === b.region;
}

const UNKNOWN = "which its stack's env does not say";

function placeOf(construct: IConstruct): Place {
  const { account, region } = Stack.of(construct);
  const known = (value: string) => (Token.isUnresolved(value) ? undefined : value);
  return { account: known(account), region: known(region) };
}
