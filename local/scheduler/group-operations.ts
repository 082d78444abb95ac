import type { JsonObject } from '../endpoint/service.ts';
import { optionalObjects, optionalString, requireString } from '../eventbridge/members.ts';
import type { Firing } from './firing.ts';
import { pageOf } from './page.ts';
import { notFound, type ScheduleGroup, type ScheduleGroups } from './schedule-groups.ts';

export const createGroupOperations = (groups: ScheduleGroups, firing: Firing) => ({
  create(name: string, input: JsonObject) {
    const tags = readTags(input);
    const group = groups.create(name, optionalString(input, 'ClientToken'));
    for (const [key, value] of tags) group.tags.set(key, value);
    return { ScheduleGroupArn: group.arn };
  },
  tag(arn: string, input: JsonObject) {
    const { tags } = taggedGroup(groups, arn);
    for (const [key, value] of readTags(input)) tags.set(key, value);
    return {};
  },
  untag(arn: string, query: URLSearchParams) {
    const { tags } = taggedGroup(groups, arn);
    for (const key of query.getAll('TagKeys')) tags.delete(key);
    return {};
  },
  listTags: (arn: string) => ({ Tags: [...taggedGroup(groups, arn).tags].map(([Key, Value]) => ({ Key, Value })) }),
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

const readTags = (input: JsonObject): readonly (readonly [string, string])[] =>
  (optionalObjects(input, 'Tags') ?? []).map((tag) => [requireString(tag, 'Key'), requireString(tag, 'Value')]);

/** Groups alone have tags. */
function taggedGroup(groups: ScheduleGroups, arn: string): ScheduleGroup {
  const group = groups.list().find((each) => each.arn === arn);
  if (group === undefined) throw notFound(`${arn} does not exist.`);
  return group;
}

/** Times travel as seconds since the epoch. */
const describe = ({ arn, name, createdAt }: ScheduleGroup) => ({
  Arn: arn,
  Name: name,
  State: 'ACTIVE',
  CreationDate: createdAt / 1000,
  LastModificationDate: createdAt / 1000,
});
