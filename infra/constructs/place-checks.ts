import { Stack, Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** Account and region of a construct's stack; undefined for what is known at deployment only. */
interface Place {
  readonly account: string | undefined;
  readonly region: string | undefined;
}

/** How messages speak of what a construct works with. */
interface Wording {
  readonly whose: string;
  /** What helps beside the same env for both stacks. */
  readonly or: string;
}

export const OF_HUB: Wording = { whose: 'its hub', or: 'make a hub there' };
export const OF_TABLE: Wording = { whose: 'the table', or: 'use it from a function there' };

/**
 * What is wrong with a construct that is deployed to another place than the hub, or the table, that it works with. References across
 * regions, which CDK can make, do not help: a rule sits with its bus, and a transaction stays in one region.
 * @param what the sentence's subject: `its stack`
 * @param reason why it must be there: `a rule sits with its bus`
 */
export function placeProblem(
  what: string,
  construct: IConstruct,
  owner: IConstruct,
  reason: string,
  { whose, or }: Wording = OF_HUB,
): string | undefined {
  const [own, its] = [placeOf(construct), placeOf(owner)];
  const part = (['region', 'account'] as const).find((each) => own[each] !== its[each]);
  if (part === undefined) return undefined;
  return `${what} must be in the ${part} of ${whose} '${owner.node.path}', ${its[part] ?? UNKNOWN}, since ${reason}, got ${own[part] ?? UNKNOWN}: give both stacks the same env, or ${or}`;
}

/**
 * The same for a principal, which belongs to an account and to no region. An account that is not known passes.
 * @param fix what to do, before the account: `publish through a function or service`
 */
export function accountProblem(
  what: string,
  account: string | undefined,
  owner: IConstruct,
  { whose, reason, fix }: Pick<Wording, 'whose'> & { readonly reason: string; readonly fix: string },
): string | undefined {
  const its = placeOf(owner).account;
  if (account === undefined || Token.isUnresolved(account) || its === undefined || account === its) return undefined;
  return `${what} must be in the account of ${whose} '${owner.node.path}', ${its}, since ${reason}, got ${account}: ${fix} of account ${its}`;
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
