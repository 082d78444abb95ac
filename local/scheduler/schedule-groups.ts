import type { EpochMs } from '../../lib/shared/time.ts';
import type { EngineClock } from '../clock.ts';
import { AwsError } from '../endpoint/aws-error.ts';
import { validationError } from '../eventbridge/members.ts';
import type { Schedule } from './schedule.ts';

export interface ScheduleGroup {
  readonly arn: string;
  readonly name: string;
  readonly createdAt: EpochMs;
  readonly clientToken: string | undefined;
  readonly schedules: Map<string, Schedule>;
  readonly tags: Map<string, string>;
}

export interface ScheduleGroups {
  /** @throws AwsError ConflictException */
  create(name: string, clientToken: string | undefined): ScheduleGroup;
  /** @throws AwsError ResourceNotFoundException */
  get(name: string): ScheduleGroup;
  list(): readonly ScheduleGroup[];
  /** @throws AwsError ResourceNotFoundException, ValidationException for the default group. */
  remove(name: string): ScheduleGroup;
}

export const DEFAULT_GROUP = 'default';

const NAME = /^[0-9a-zA-Z\-_.]{1,64}$/;

export function createScheduleGroups(deps: {
  readonly clock: EngineClock;
  readonly region: string;
  readonly accountId: string;
}): ScheduleGroups {
  const { clock, region, accountId } = deps;
  const groups = new Map<string, ScheduleGroup>();

  const get = (name: string): ScheduleGroup => {
    const group = groups.get(name);
    if (group === undefined) throw notFound(`Schedule group ${name} does not exist.`);
    return group;
  };
  const create = (name: string, clientToken: string | undefined): ScheduleGroup => {
    checkName(name);
    const existing = groups.get(name);
    if (existing !== undefined) {
      if (clientToken !== undefined && existing.clientToken === clientToken) return existing;
      throw conflict(`Schedule group ${name} already exists.`);
    }
    const group: ScheduleGroup = {
      arn: `arn:aws:scheduler:${region}:${accountId}:schedule-group/${name}`,
      name,
      createdAt: clock.now(),
      clientToken,
      schedules: new Map(),
      tags: new Map(),
    };
    groups.set(name, group);
    return group;
  };
  create(DEFAULT_GROUP, undefined);

  return {
    create,
    get,
    list: () => [...groups.values()],
    remove(name) {
      if (name === DEFAULT_GROUP) throw validationError('The default schedule group cannot be deleted.');
      const group = get(name);
      groups.delete(name);
      return group;
    },
  };
}

/** Of a schedule or a group. @throws AwsError ValidationException */
export function checkName(name: string): void {
  if (NAME.test(name)) return;
  throw validationError(
    `1 validation error detected: Value '${name}' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: [0-9a-zA-Z-_.]+, with 1 to 64 characters`,
  );
}

export const notFound = (message: string) => new AwsError('ResourceNotFoundException', message, { statusCode: 404 });

export const conflict = (message: string) => new AwsError('ConflictException', message, { statusCode: 409 });
