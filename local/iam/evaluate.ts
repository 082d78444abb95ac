import type { Policy, Statement } from './policy.ts';
import type { Principal } from './principal.ts';
import type { RequestContext } from './request-context.ts';

/** One action on one resource by one principal: what IAM decides about. */
export interface AccessRequest {
  readonly principal: Principal;
  /** `dynamodb:PutItem` */
  readonly action: string;
  /** An ARN, or `*` for actions that know no resources. */
  readonly resource: string;
  readonly context: RequestContext;
}

export interface ApplicablePolicies {
  /** Of the role; a service has none. */
  readonly identity: readonly Policy[];
  /** Of the resource. */
  readonly resource: readonly Policy[];
}

type PolicySide = keyof ApplicablePolicies;

/** Where in the policies a decision comes from. */
export interface StatementReference {
  readonly side: PolicySide;
  readonly policyName: string;
  /** Place in the document, from 0. */
  readonly statementIndex: number;
  /** As the statement writes it. */
  readonly action: string;
}

export type Decision =
  | { readonly kind: 'allowed'; readonly by: StatementReference }
  | { readonly kind: 'explicitly-denied'; readonly by: StatementReference }
  | { readonly kind: 'not-allowed' };

/**
 * Decides within one account: an explicit deny on either side wins, otherwise an allow on either side will do.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
export function evaluate(request: AccessRequest, policies: ApplicablePolicies): Decision {
  let allowedBy: StatementReference | undefined;
  for (const side of ['identity', 'resource'] as const) {
    for (const policy of policies[side]) {
      for (const statement of policy.statements) {
        // an allow more decides nothing
        if (statement.effect === 'Allow' && allowedBy !== undefined) continue;
        const action = matchingAction(statement, request);
        if (action === undefined) continue;
        const by = { side, policyName: policy.name, statementIndex: statement.index, action };
        if (statement.effect === 'Deny') return { kind: 'explicitly-denied', by };
        allowedBy = by;
      }
    }
  }
  return allowedBy === undefined ? { kind: 'not-allowed' } : { kind: 'allowed', by: allowedBy };
}

/** An allow that covers a request but for its conditions. */
export interface UnmetGrant {
  readonly by: StatementReference;
  /** One text for each condition that does not hold. */
  readonly failures: readonly string[];
}

/** The allow that comes nearest to a request that nothing allows; undefined where none is about it. */
export function unmetGrant(request: AccessRequest, policies: ApplicablePolicies): UnmetGrant | undefined {
  const { context } = request;
  const unmet = (['identity', 'resource'] as const).flatMap((side) =>
    policies[side].flatMap(({ name: policyName, statements }) =>
      statements.flatMap((statement): UnmetGrant[] => {
        const action = statement.effect === 'Allow' ? coveringAction(statement, request) : undefined;
        if (action === undefined) return [];
        const failing = statement.conditions.filter((condition) => !condition.holds(context));
        return [
          {
            by: { side, policyName, statementIndex: statement.index, action },
            failures: failing.map((condition) => condition.describeFailure(context)),
          },
        ];
      }),
    ),
  );
  return unmet.toSorted((a, b) => a.failures.length - b.failures.length).at(0);
}

function matchingAction(statement: Statement, request: AccessRequest): string | undefined {
  const covering = coveringAction(statement, request);
  return statement.conditions.every((condition) => condition.holds(request.context)) ? covering : undefined;
}

/** What covers the action where the statement is about the request; its conditions are not looked at. */
function coveringAction(statement: Statement, request: AccessRequest): string | undefined {
  const { principal, action, resource, context } = request;
  const covering = statement.actionFor(action);
  if (covering === undefined || !statement.coversResource(resource, context)) return undefined;
  const match = statement.matchesPrincipal(principal);
  // an allow for the account leaves the decision to the account's identity policies
  if (match === 'none' || (match === 'account' && statement.effect === 'Allow')) return undefined;
  return covering;
}
