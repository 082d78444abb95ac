import type { EngineClock } from '../clock.ts';
import type { JsonObject } from '../endpoint/service.ts';
import { optionalString } from '../eventbridge/members.ts';
import type { RunLog } from '../log.ts';
import type { Firing } from './firing.ts';
import { pageOf } from './page.ts';
import { readSchedule, type Schedule } from './schedule.ts';
import { checkName, conflict, DEFAULT_GROUP, notFound, type ScheduleGroups } from './schedule-groups.ts';

export interface ScheduleOperationsDeps {
  readonly groups: ScheduleGroups;
  readonly firing: Firing;
  readonly clock: EngineClock;
  readonly region: string;
  readonly accountId: string;
  readonly log: RunLog;
}

export function createScheduleOperations({ groups, firing, clock, region, accountId, log }: ScheduleOperationsDeps) {
  const find = (name: string, groupName: string): Schedule => {
    const schedule = groups.get(groupName).schedules.get(name);
    if (schedule === undefined) throw notFound(`Schedule ${name} does not exist.`);
    return schedule;
  };
  const keep = (schedule: Schedule) => {
    groups.get(schedule.groupName).schedules.set(schedule.name, schedule);
    firing.follow(schedule);
    const { Mode } = schedule.settings['FlexibleTimeWindow'] as { readonly Mode: string };
    if (Mode === 'FLEXIBLE') {
      log('info', 'scheduler', 'a flexible schedule fires at the start of its window', { scheduleArn: schedule.arn });
    }
    return { ScheduleArn: schedule.arn };
  };

  return {
    create(name: string, input: JsonObject) {
      checkName(name);
      const groupName = optionalString(input, 'GroupName') ?? DEFAULT_GROUP;
      const existing = groups.get(groupName).schedules.get(name);
      const createdAt = clock.now();
      const arn = `arn:aws:scheduler:${region}:${accountId}:schedule/${groupName}/${name}`;
      const schedule = readSchedule(input, { arn, name, groupName, createdAt, modifiedAt: createdAt });
      if (existing === undefined) return keep(schedule);
      // the same call again, whose first answer was lost
      if (schedule.clientToken !== undefined && schedule.clientToken === existing.clientToken) {
        return { ScheduleArn: existing.arn };
      }
      throw conflict(`Schedule ${name} already exists.`);
    },
    get(name: string, query: URLSearchParams) {
      const schedule = find(name, query.get('groupName') ?? DEFAULT_GROUP);
      return { ...schedule.settings, ...identityOf(schedule) };
    },
    /** Replaces all settings: what the call leaves out is back at its default. */
    update(name: string, input: JsonObject) {
      const { arn, groupName, createdAt } = find(name, optionalString(input, 'GroupName') ?? DEFAULT_GROUP);
      return keep(readSchedule(input, { arn, name, groupName, createdAt, modifiedAt: clock.now() }));
    },
    remove(name: string, query: URLSearchParams) {
      const schedule = find(name, query.get('groupName') ?? DEFAULT_GROUP);
      firing.forget(schedule);
      groups.get(schedule.groupName).schedules.delete(name);
      return {};
    },
    list(query: URLSearchParams) {
      const groupName = query.get('ScheduleGroup');
      const state = query.get('State');
      const searched = groupName === null ? groups.list() : [groups.get(groupName)];
      const found = searched
        .flatMap(({ schedules }) => [...schedules.values()])
        .filter(({ name }) => name.startsWith(query.get('NamePrefix') ?? ''))
        .filter(({ settings }) => state === null || settings['State'] === state);
      const { items, NextToken } = pageOf(query, found);
      return {
        Schedules: items.map((schedule) => ({
          ...identityOf(schedule),
          State: schedule.settings['State'],
          Target: { Arn: schedule.target.arn },
        })),
        NextToken,
      };
    },
  };
}

/** Times travel as seconds since the epoch. */
const identityOf = ({ arn, name, groupName, createdAt, modifiedAt }: Schedule) => ({
  Arn: arn,
  Name: name,
  GroupName: groupName,
  CreationDate: createdAt / 1000,
  LastModificationDate: modifiedAt / 1000,
});
