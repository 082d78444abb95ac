import type { JsonObject } from '../endpoint/service.ts';
import type { Condition } from './condition.ts';
import type { Pattern } from './pattern.ts';
import type { Principal } from './principal.ts';

/** A policy document as CloudFormation has it, under its name. */
export interface PolicyDocument {
  readonly name: string;
  readonly document: JsonObject;
}

/** What a policy is attached to, which decides what its statements must say. */
export type PolicyKind = 'identity' | 'resource' | 'trust';

/**
 * How a Principal element speaks of somebody: by name, or by the account that they belong to, which leaves it to the
 * account's identity policies to allow anything.
 */
export type PrincipalMatch = 'none' | 'account' | 'named';

/** Ready to be asked; lists of alternatives and their `Not…` forms are one test each. */
export interface Statement {
  /** Its place in the document, from 0. */
  readonly index: number;
  readonly sid: string | undefined;
  readonly effect: 'Allow' | 'Deny';
  /** What covers the action, as it is written: `dynamodb:Get*`; undefined when nothing does. */
  readonly actionFor: (action: string) => string | undefined;
  readonly coversResource: Pattern;
  readonly matchesPrincipal: (principal: Principal) => PrincipalMatch;
  readonly conditions: readonly Condition[];
}

export interface Policy {
  readonly name: string;
  readonly statements: readonly Statement[];
}
