import { AwsError } from '../endpoint/aws-error.ts';
import type { JsonObject, RestRequest, RestService } from '../endpoint/service.ts';
import { isJsonObject, validationError } from '../eventbridge/members.ts';
import { createFiring } from './firing.ts';
import { createGroupOperations } from './group-operations.ts';
import { createInvocations, type InvocationsOptions } from './invocations.ts';
import type { Schedule } from './schedule.ts';
import { createScheduleGroups } from './schedule-groups.ts';
import { createScheduleOperations } from './schedule-operations.ts';

export type SchedulerOptions = InvocationsOptions;

export interface Scheduler {
  readonly service: RestService;
  /** Invocations of targets under way or waiting for another attempt. */
  pendingInvocations(): number;
  /** One-time schedules that have yet to fire: somebody's timers. */
  pendingTimers(): number;
  close(): void;
}

type Operation = (name: string, request: RestRequest) => object;

/** EventBridge Scheduler: schedules that fire once, at a rate or by cron, in groups. */
export function createScheduler(options: SchedulerOptions): Scheduler {
  const { clock, region, accountId, log } = options;
  const groups = createScheduleGroups({ clock, region, accountId });
  const invocations = createInvocations(options);
  const complete = ({ deleteAfterCompletion, groupName, name, arn, modifiedAt }: Schedule) => {
    const schedules = groups.list().find((group) => group.name === groupName)?.schedules;
    // an update in the meantime has made another schedule of it
    const isSame = schedules?.get(name)?.arn === arn && schedules.get(name)?.modifiedAt === modifiedAt;
    if (deleteAfterCompletion && isSame) schedules?.delete(name);
  };
  const firing = createFiring(clock, invocations, complete);
  const schedules = createScheduleOperations({ groups, firing, clock, region, accountId, log });
  const groupOperations = createGroupOperations(groups, firing);

  const routes: ReadonlyMap<string, Operation> = new Map(
    Object.entries({
      'GET /schedules': (_name, { query }) => schedules.list(query),
      'POST /schedules/': (name, { body }) => schedules.create(name, parse(body)),
      'GET /schedules/': (name, { query }) => schedules.get(name, query),
      'PUT /schedules/': (name, { body }) => schedules.update(name, parse(body)),
      'DELETE /schedules/': (name, { query }) => schedules.remove(name, query),
      'GET /schedule-groups': (_name, { query }) => groupOperations.list(query),
      'POST /schedule-groups/': (name, { body }) => groupOperations.create(name, parse(body)),
      'GET /schedule-groups/': (name) => groupOperations.get(name),
      'DELETE /schedule-groups/': (name) => groupOperations.remove(name),
      'POST /tags/': (arn, { body }) => groupOperations.tag(arn, parse(body)),
      'GET /tags/': (arn) => groupOperations.listTags(arn),
      'DELETE /tags/': (arn, { query }) => groupOperations.untag(arn, query),
    } satisfies Record<string, Operation>),
  );

  return {
    service: {
      signingName: 'scheduler',
      async handle(request) {
        const [, root = '', name = ''] = /^(\/[a-z-]+\/?)(.*)$/.exec(request.path) ?? [];
        const run = routes.get(`${request.method} ${name === '' ? root.replace(/\/$/, '') : root}`);
        if (run === undefined) {
          throw new AwsError(
            'UnknownOperationException',
            `the local Scheduler does not answer ${request.method} ${request.path}; it has the operations on schedules, schedule groups and their tags`,
            { statusCode: 404 },
          );
        }
        return {
          statusCode: 200,
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(run(name, request)),
        };
      },
    },
    pendingInvocations: invocations.pending,
    pendingTimers: () =>
      groups
        .list()
        .flatMap((group) => [...group.schedules.values()])
        .filter(({ enabled, timetable }) => enabled && timetable.isOneTime && timetable.next(clock.now()) !== undefined)
        .length,
    close() {
      firing.close();
      invocations.close();
    },
  };
}

function parse(body: Buffer): JsonObject {
  try {
    const input: unknown = JSON.parse(body.toString('utf8') || '{}');
    if (isJsonObject(input)) return input;
  } catch (cause) {
    throw new AwsError('SerializationException', 'the request body is not JSON', { cause });
  }
  throw validationError('The request body is no JSON object.');
}
