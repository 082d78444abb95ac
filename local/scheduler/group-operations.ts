import type { JsonObject } from '../endpoint/service.ts';
import { optionalString } from '../eventbridge/members.ts';
import type { Firing } from './firing.ts';
import { pageOf } from './page.ts';
import type { ScheduleGroup, ScheduleGroups } from './schedule-groups.ts';

export const createGroupOperations = (groups: ScheduleGroups, firing: Firing) => ({
  create: (name: string, input: JsonObject) => ({
    ScheduleGroupArn: groups.create(name, optionalString(input, 'ClientToken')).arn,
  }),
  get: (name: string) => describe(groups.get(name)),
  /** Its schedules go with it. */
  remove(name: string) {
    for (const schedule of groups.remove(name).schedules.values()) firing.forget(schedule);
    return {};
  },
  list(query: URLSearchParams) {
    const found = groups.list().filter(({ name }) => name.startsWith(query.get('NamePrefix') ?? ''));
    const { items, NextToken } = pageOf(query, found);
    return { ScheduleGroups: items.map(describe), NextToken };
  },
});

/** Times travel as seconds since the epoch. */
const describe = ({ arn, name, createdAt }: ScheduleGroup) => ({
  Arn: arn,
  Name: name,
  State: 'ACTIVE',
  CreationDate: createdAt / 1000,
  LastModificationDate: createdAt / 1000,
});
