import type { Caller } from '../endpoint/service.ts';
import type { RequestContext } from './request-context.ts';

/** Who asks: the run's own user, a role's session, or a service of AWS that acts for one of its resources. */
export type Principal =
  | { readonly kind: 'user'; readonly arn: string; readonly accountId: string }
  | { readonly kind: 'role'; readonly arn: string; readonly roleArn: string; readonly accountId: string }
  | { readonly kind: 'service'; readonly name: string; readonly sourceArn: string | undefined };

const DEFAULT_SESSION = 'local-run';

/** Whoever calls with credentials that are no function's: an administrator of the account. */
const USER_NAME = 'local-run';

export function principalOf(caller: Caller, accountId: string): Principal {
  if (caller.kind === 'user') return { kind: 'user', arn: `arn:aws:iam::${accountId}:user/${USER_NAME}`, accountId };
  if (caller.kind === 'service') return { kind: 'service', name: caller.principal, sourceArn: caller.sourceArn };
  const [, partition = 'aws', , , roleAccountId = '', resource = ''] = caller.roleArn.split(':');
  // a session's ARN has the role's name without its path
  const roleName = resource.slice(resource.lastIndexOf('/') + 1);
  const session = caller.sessionName ?? DEFAULT_SESSION;
  return {
    kind: 'role',
    arn: `arn:${partition}:sts::${roleAccountId}:assumed-role/${roleName}/${session}`,
    roleArn: caller.roleArn,
    accountId: roleAccountId,
  };
}

export const principalName = (principal: Principal): string =>
  principal.kind === 'service' ? principal.name : principal.arn;

/** What every request says about its principal. Loopback HTTP counts as secure: it never leaves the machine. */
export function contextOf(principal: Principal, region: string): RequestContext {
  const values = new Map<string, readonly string[]>([
    ['aws:requestedregion', [region]],
    ['aws:securetransport', ['true']],
    ['aws:principalisawsservice', [String(principal.kind === 'service')]],
  ]);
  if (principal.kind !== 'service') {
    // the role's own ARN, whichever of its sessions asks
    values.set('aws:principalarn', [principal.kind === 'role' ? principal.roleArn : principal.arn]);
    values.set('aws:principalaccount', [principal.accountId]);
    values.set('aws:principaltype', [principal.kind === 'role' ? 'AssumedRole' : 'User']);
    values.set('aws:sourceip', ['127.0.0.1']);
  } else {
    values.set('aws:principalservicename', [principal.name]);
    const [, , , , accountId] = principal.sourceArn?.split(':') ?? [];
    if (principal.sourceArn !== undefined) values.set('aws:sourcearn', [principal.sourceArn]);
    if (accountId !== undefined) values.set('aws:sourceaccount', [accountId]);
  }
  return (key) => values.get(key);
}
