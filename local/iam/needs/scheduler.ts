import type { RestRequest } from '../../endpoint/service.ts';
import { objectAt, stringAt } from '../../template/json.ts';
import type { Need, Place } from './need.ts';

const DEFAULT_GROUP = 'default';

/** Verbs of the API, by method; of a list when the request names nothing. */
const VERBS: Readonly<Record<string, string>> = { DELETE: 'Delete', GET: 'Get', POST: 'Create', PUT: 'Update' };

/**
 * Whoever gives a schedule a role has to be allowed to pass that role on.
 * @see https://docs.aws.amazon.com/scheduler/latest/UserGuide/setting-up.html
 */
export function schedulerNeeds({ method, path, query, body }: RestRequest, place: Place): readonly Need[] {
  const arn = (resource: string) => `arn:aws:scheduler:${place.region}:${place.accountId}:${resource}`;
  const [, kind = '', name = ''] = /^\/(schedules|schedule-groups)\/?([^/]*)$/.exec(path) ?? [];
  const verb = VERBS[method];
  // so that nothing goes through unasked
  if (kind === '' || verb === undefined) return [{ action: 'scheduler:*', resource: '*' }];
  const isGroup = kind === 'schedule-groups';
  if (name === '')
    return [{ action: isGroup ? 'scheduler:ListScheduleGroups' : 'scheduler:ListSchedules', resource: '*' }];
  if (isGroup) return [{ action: `scheduler:${verb}ScheduleGroup`, resource: arn(`schedule-group/${name}`) }];
  const input = readBody(body);
  const group = stringAt(input, 'GroupName') ?? query.get('groupName') ?? DEFAULT_GROUP;
  const need: Need = { action: `scheduler:${verb}Schedule`, resource: arn(`schedule/${group}/${name}`) };
  const roleArn = stringAt(objectAt(input, 'Target'), 'RoleArn');
  return roleArn === undefined ? [need] : [need, passRoleNeed(roleArn, 'scheduler.amazonaws.com')];
}

const passRoleNeed = (roleArn: string, service: string): Need => ({
  action: 'iam:PassRole',
  resource: roleArn,
  keys: { 'iam:passedtoservice': () => [service] },
});

/** What is no JSON the engine refuses by itself. */
function readBody(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8') || '{}');
  } catch {
    return {};
  }
}
