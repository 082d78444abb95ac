import type { Caller } from '../endpoint/service.ts';
import type { RequestContext } from './request-context.ts';

/** Who asks: a role's session, or a service of AWS that acts for one of its resources. */
export type Principal =
  | { readonly kind: 'role'; readonly arn: string; readonly roleArn: string; readonly accountId: string }
  | { readonly kind: 'service'; readonly name: string; readonly sourceArn: string | undefined };

const DEFAULT_SESSION = 'local-run';

/** Undefined for the run's own user, who is an administrator. */
export function principalOf(caller: Caller): Principal | undefined {
  if (caller.kind === 'user') return undefined;
  if (caller.kind === 'service') return { kind: 'service', name: caller.principal, sourceArn: caller.sourceArn };
  const [, partition = 'aws', , , accountId = '', resource = ''] = caller.roleArn.split(':');
  // a session's ARN has the role's name without its path
  const roleName = resource.slice(resource.lastIndexOf('/') + 1);
  const session = caller.sessionName ?? DEFAULT_SESSION;
  return {
    kind: 'role',
    arn: `arn:${partition}:sts::${accountId}:assumed-role/${roleName}/${session}`,
    roleArn: caller.roleArn,
    accountId,
  };
}

export const principalName = (principal: Principal): string =>
  principal.kind === 'role' ? principal.arn : principal.name;

/** What every request says about its principal. Loopback HTTP counts as secure: it never leaves the machine. */
export function contextOf(principal: Principal, region: string): RequestContext {
  const values = new Map<string, readonly string[]>([
    ['aws:requestedregion', [region]],
    ['aws:securetransport', ['true']],
    ['aws:principalisawsservice', [String(principal.kind === 'service')]],
  ]);
  if (principal.kind === 'role') {
    values.set('aws:principalarn', [principal.roleArn]);
    values.set('aws:principalaccount', [principal.accountId]);
    values.set('aws:principaltype', ['AssumedRole']);
    values.set('aws:sourceip', ['127.0.0.1']);
  } else {
    values.set('aws:principalservicename', [principal.name]);
    const [, , , , accountId] = principal.sourceArn?.split(':') ?? [];
    if (principal.sourceArn !== undefined) values.set('aws:sourcearn', [principal.sourceArn]);
    if (accountId !== undefined) values.set('aws:sourceaccount', [accountId]);
  }
  return (key) => values.get(key);
}
