import { cursorKey } from '../../lib/consumer/dynamodb-cursor-store.ts';
import { createDynamoDbCursorStore, createSqsConsumerQueue } from '../../lib/consumer/index.ts';
import {
  createDynamoDbLog,
  createDynamoDbPauseLedger,
  createDynamoDbSkipLedger,
  pauseGroup,
  resend,
  resumeGroup,
  skip as skipEvent,
} from '../../lib/operations/index.ts';
import type { NewEventRecord } from '../../lib/outbox/event-record.ts';
import { numberOf } from './committed.ts';
import { RETENTION_SECONDS, TABLES } from './consumer-in.ts';
import { createExecution, type Execution } from './execution.ts';
import type { Foundation } from './foundation.ts';
import type { Publishing } from './publishing.ts';
import type { OperationPlan } from './schedule.ts';
import { expireBefore } from './services/retention.ts';
import type { Site } from './site.ts';
import type { Witness } from './witness.ts';

/** What people do to a running system. */
export interface Operator {
  run(operation: OperationPlan): void;
  /** @param which all where it is left out */
  redrive(site: Site, which?: (event: NewEventRecord) => boolean): void;
  /** Steps over what the group waits for. */
  skip(site: Site, group: string): void;
  /** Resends where the consumer should have gone on. */
  audit(site: Site, group: string): void;
  groups(): readonly string[];
}

export interface OperatorDeps {
  readonly base: Foundation;
  readonly sites: readonly Site[];
  readonly witness: Witness;
  readonly publishing: Publishing;
}

export function createOperator({ base, sites, witness, publishing }: OperatorDeps): Operator {
  const { sim, dealer, committed, dynamodb, trace } = base;
  let commands = 0;

  const command = (
    name: string,
    run: (execution: Execution) => Promise<void>,
    onFailure: () => void = () => undefined,
  ) => {
    commands += 1;
    const execution = createExecution(`${name}/${commands}`, base);
    run(execution).catch((error: unknown) => {
      trace(`${execution.name}: ${String(error)}`);
      onFailure();
    });
  };

  const groups = () => [...new Set(committed.events.map(({ group }) => group))];
  const due = (site: Site, group: string) =>
    committed.ofGroup(group).filter((event) => site.ordersBy(event) && witness.isDue(site, event));

  const redrive = (site: Site, which: (event: NewEventRecord) => boolean = () => true) => {
    for (const { id, group, body } of site.queue.takeDeadLetters((letter) => which(committed.byBody(letter.body)))) {
      dealer.count('redrive');
      const event = committed.byBody(body);
      sim.after(sim.between(1, 40), () => {
        trace(`${site.subscription.name}: redriven ${event.group} ${event.sequence}`);
        site.tempers.redriven(numberOf(event));
        site.queue.send(group, body, id);
      });
    }
  };

  /** Of what the log gives back: an event of the group is resent afterwards. */
  const purge = (site: Site) => {
    for (const { body } of site.queue.takeDeadLetters((letter) => site.givesBack(committed.byBody(letter.body)))) {
      dealer.count('dead letter purged');
      const event = committed.byBody(body);
      site.purged.add(event.group);
      // its group goes on without it only to find it missing
      site.lost.add(event);
    }
  };

  const resendDeps = (site: Site, execution: Execution) => {
    const { dynamodb: client, sqs, clock, sleep, random, newDeduplicationId } = site.processIn(execution);
    return {
      client,
      clock,
      cursors: createDynamoDbCursorStore({
        client,
        tableName: TABLES.cursors,
        consumer: site.subscription.name,
        expirySeconds: 2 * RETENTION_SECONDS,
        clock,
        sleep,
        random,
      }),
      log: createDynamoDbLog({ client, outboxTableName: TABLES.outbox }),
      queue: createSqsConsumerQueue({ client: sqs, queueUrl: 'queue', newDeduplicationId }),
      takes: site.takes,
    };
  };

  const skip = (site: Site, group: string) => {
    const sequence = witness.cursorOf(site, group)?.blockedBy?.sequence;
    const event = committed.ofGroup(group).find((other) => other.sequence === sequence);
    if (event === undefined) return;
    const consumer = site.subscription.name;
    dealer.count('skip');
    witness.allowSkip(site, event);
    command('skip', async (execution) => {
      const deps = resendDeps(site, execution);
      await skipEvent(
        {
          ...deps,
          consumer,
          skips: createDynamoDbSkipLedger({ client: deps.client, tableName: TABLES.inbox, consumer }),
          notes: { resolve: async () => undefined },
        },
        { group, sequence: event.sequence, by: 'operator', reason: 'it will never succeed' },
      );
    });
  };

  const audit = (site: Site, group: string) => {
    const last = due(site, group).findLast((event) => committed.isLogged(event));
    const cursor = witness.cursorOf(site, group);
    // a group may wait for an event whose message was purged, and whose type was removed since
    const isAbandoned = site.purged.has(group) && cursor?.blockedBy !== undefined;
    if (!isAbandoned && (last === undefined || last.sequence <= (cursor?.processed ?? 0))) return;
    command('resend', async (execution) => void (await resend(resendDeps(site, execution), group)));
  };

  const pause = (site: Site, group: string) => {
    if (witness.cursorOf(site, group) === undefined) return;
    dealer.count('pause');
    command('pause', async (execution) => {
      await pauseGroup(resendDeps(site, execution), { group, by: 'operator', reason: 'looking at it' });
    });
    sim.after(sim.between(1, 90_000), () => resume(site, group));
  };

  /** Repeats the command until it is through. */
  const resume = (site: Site, group: string): void => {
    const again = () => void sim.after(1_000, () => resume(site, group));
    const consumer = site.subscription.name;
    command(
      'resume',
      async (execution) => {
        const deps = resendDeps(site, execution);
        const pauses = createDynamoDbPauseLedger({ client: deps.client, tableName: TABLES.inbox, consumer });
        const { kind } = await resumeGroup({ ...deps, consumer, pauses }, { group, by: 'operator' });
        if (kind === 'contended') again();
      },
      again,
    );
  };

  /** The time to live of a cursor takes it when nothing has happened in its group for long. */
  const expire = (site: Site, group: string) => {
    const cursor = witness.cursorOf(site, group);
    const isIdle =
      cursor !== undefined &&
      cursor.blockedBy === undefined &&
      cursor.paused === undefined &&
      cursor.processed === cursor.seen;
    // it goes long after the log and every queue have let go of its group: nothing that was not handled can still come
    const isOver = committed.ofGroup(group).every((event) => !site.hasTaken(event) || witness.hasHandled(site, event));
    if (!isIdle || !isOver || !site.isQuiet()) return;
    dealer.count('cursor expired');
    witness.forgetCursor(site, group);
    const { subscription } = site;
    const Key = { ...cursorKey({ consumer: subscription.name, group }) };
    dynamodb.write({ operation: 'DeleteItem', input: { TableName: TABLES.cursors, Key } });
  };

  /** The time to live of the log takes what everybody has long handled. */
  const trim = (group: string) => {
    const isOver = (event: NewEventRecord) =>
      !publishing.isPending(event) &&
      sites.every((site) => sim.now() >= site.createdAt && (!site.hasTaken(event) || witness.isDealtWith(site, event)));
    const events = committed.ofGroup(group);
    const kept = events.findIndex((event) => !isOver(event));
    // a list of its own: DynamoDB may delete late, and then only what was gone by now
    const gone = kept === -1 ? [...events] : events.slice(0, kept);
    if (gone.length === 0) return;
    dealer.count('log trimmed');
    committed.trim(gone);
    expireBefore(base, gone);
  };

  return {
    redrive,
    skip,
    audit,
    groups,
    run({ kind, consumer, group: place }) {
      const site = sites[consumer % sites.length];
      const known = groups();
      const group = known[place % Math.max(known.length, 1)];
      if (kind === 'sweep') return publishing.sweep();
      if (site === undefined || group === undefined) return;
      trace(`operator: ${kind} ${site.subscription.name} ${group}`);
      if (kind === 'redrive') redrive(site);
      if (kind === 'purge') purge(site);
      if (kind === 'skip') skip(site, group);
      if (kind === 'resend') audit(site, group);
      if (kind === 'pause') pause(site, group);
      if (kind === 'expire') expire(site, group);
      if (kind === 'trim') trim(group);
    },
  };
}
