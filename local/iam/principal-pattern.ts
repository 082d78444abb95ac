import { isObject, toList } from '../template/json.ts';
import type { PrincipalMatch } from './policy.ts';
import type { Principal } from './principal.ts';

type Test = (principal: Principal) => PrincipalMatch;

const KINDS = ['AWS', 'Service', 'Federated', 'CanonicalUser'];

/**
 * Reads `"*"`, `{ AWS: … }` and `{ Service: … }`; federated and canonical users never call in a run.
 * @returns what is wrong with it, in words, if anything is.
 */
export function parsePrincipal(element: unknown): Test | string {
  if (element === '*') return anybody;
  if (!isObject(element)) return `is ${JSON.stringify(element)}; allowed are "*" and an object`;
  const unknown = Object.keys(element).filter((kind) => !KINDS.includes(kind));
  if (unknown.length > 0) return `names ${unknown.join(', ')}; allowed are ${KINDS.join(', ')}`;
  const tests = [
    ...toList(element['AWS']).map((who) => awsPrincipal(String(who))),
    ...toList(element['Service']).map((name) => servicePrincipal(String(name))),
  ];
  return (principal) => strongest(tests.map((test) => test(principal)));
}

const anybody: Test = () => 'named';

const servicePrincipal =
  (name: string): Test =>
  (principal) =>
    principal.kind === 'service' && principal.name === name ? 'named' : 'none';

/** An account id, its root's ARN, a role's ARN, that of one session, or a user's. */
function awsPrincipal(who: string): Test {
  if (who === '*') return anybody;
  const [, rootOf] = /^arn:[^:]+:iam::(\d{12}):root$/.exec(who) ?? [];
  const accountId = /^\d{12}$/.test(who) ? who : rootOf;
  return (principal) => {
    if (principal.kind === 'service') return 'none';
    if (accountId !== undefined) return principal.accountId === accountId ? 'account' : 'none';
    const isRole = principal.kind === 'role' && principal.roleArn === who;
    return isRole || principal.arn === who ? 'named' : 'none';
  };
}

function strongest(matches: readonly PrincipalMatch[]): PrincipalMatch {
  if (matches.includes('named')) return 'named';
  return matches.includes('account') ? 'account' : 'none';
}
