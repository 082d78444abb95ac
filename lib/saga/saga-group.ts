import { createHash } from 'node:crypto';
import { type CloudEvent, GROUP_PATTERN, readGroup, standsAlone } from '../contracts/index.ts';

/** With a tenant in front it must still be a group. */
const OWN_GROUP_MAX_LENGTH = 80;

/** Where an instance's timers come: among the events that began it, or in a group of its own where those have none. */
export function sagaGroupOf(saga: string, sagaId: string, start: Pick<CloudEvent, 'partitionkey' | 'id'>): string {
  const group = readGroup(start.partitionkey)?.group;
  if (group !== undefined && !standsAlone(start.partitionkey, start.id)) return group;
  const own = `${saga}#${sagaId}`;
  if (own.length <= OWN_GROUP_MAX_LENGTH && GROUP_PATTERN.test(own)) return own;
  return `${saga}#${createHash('sha256').update(sagaId).digest('base64url').slice(0, 32)}`;
}
