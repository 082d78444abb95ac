import { cursorKey } from '../../lib/ordering/cursor-change.ts';
import { advance } from '../../lib/ordering/order-gate.ts';
import type { StoredEvent } from '../../lib/outbox/index.ts';
import { numberOf } from './committed.ts';
import { createExecution, type Execution } from './execution.ts';
import type { Foundation } from './foundation.ts';
import { reachBell, reachCursors } from './ports/ordering.ts';
import type { OperationPlan } from './schedule.ts';
import type { Site } from './site.ts';
import type { Witness } from './witness.ts';

/** What people do to a running system. */
export interface Operator {
  run(operation: OperationPlan): void;
  redrive(site: Site): void;
  /** Steps over what the group waits for. */
  skip(site: Site, group: string): void;
  /** Rings for the last event that the consumer should have seen. */
  audit(site: Site, group: string): void;
  groups(): readonly string[];
}

export interface OperatorDeps {
  readonly base: Foundation;
  readonly sites: readonly Site[];
  readonly witness: Witness;
  readonly sweep: () => void;
  readonly isPending: (event: StoredEvent) => boolean;
}

export function createOperator({ base, sites, witness, sweep, isPending }: OperatorDeps): Operator {
  const { sim, dealer, committed, tables, trace } = base;
  let commands = 0;

  const command = (name: string, run: (execution: Execution) => Promise<void>) => {
    commands += 1;
    const execution = createExecution(`${name}/${commands}`, base);
    run(execution).catch((error: unknown) => trace(`${execution.name}: ${String(error)}`));
  };

  const groups = () => [...new Set(committed.events.map(({ group }) => group))];
  const due = (site: Site, group: string) =>
    committed.ofGroup(group).filter((event) => site.ordersBy(event) && witness.isDue(site, event));

  const redrive = (site: Site) => {
    for (const { id, group, body } of site.queue.takeDeadLetters()) {
      dealer.count('redrive');
      const event = committed.byBody(body);
      sim.after(sim.between(1, 40), () => {
        trace(`${site.subscription.name}: redriven ${event.group} ${event.sequence}`);
        site.tempers.redriven(numberOf(event));
        site.queue.send(group, body, id);
      });
    }
  };

  const ring = (site: Site, event: StoredEvent, execution: Execution) =>
    reachBell(site.queue, site.createdAt, execution).ring(event.group, event.body);

  const skip = (site: Site, group: string) =>
    command('skip', async (execution) => {
      const cursors = reachCursors(site.cursors, execution);
      const cursor = (await cursors.read([group])).get(group);
      const event = committed.ofGroup(group).find(({ sequence }) => sequence === cursor?.waitingFor?.sequence);
      if (cursor === undefined || event === undefined) return;
      dealer.count('skip');
      witness.allowSkip(site, event);
      const next = advance(cursor, event.sequence);
      if ((await cursors.save(group, cursor, next)) === 'conflict') return;
      const following = due(site, group).find(({ sequence }) => sequence > next.processed && sequence <= next.seen);
      if (following !== undefined) await ring(site, following, execution);
    });

  const audit = (site: Site, group: string) =>
    command('audit', async (execution) => {
      const last = due(site, group).findLast((event) => committed.isLogged(event));
      const processed = witness.cursorOf(site, group)?.processed ?? 0;
      if (last !== undefined && last.sequence > processed) await ring(site, last, execution);
    });

  /** The time to live of a cursor takes it when nothing has happened in its group for long. */
  const expire = (site: Site, group: string) => {
    const cursor = witness.cursorOf(site, group);
    const isIdle = cursor !== undefined && cursor.waitingFor === undefined && cursor.processed === cursor.seen;
    // it goes long after the log and every queue have let go of its group: nothing that was not handled can still come
    const isOver = committed.ofGroup(group).every((event) => !site.takes(event) || witness.hasHandled(site, event));
    if (!isIdle || !isOver || !site.isQuiet()) return;
    dealer.count('cursor expired');
    witness.forgetCursor(site, group);
    const { subscription } = site;
    tables.apply([{ Delete: { TableName: 'cursors', Key: { ...cursorKey({ consumer: subscription.name, group }) } } }]);
  };

  /** The time to live of the log takes what everybody has long handled. */
  const trim = (group: string) => {
    const isOver = (event: StoredEvent) =>
      !isPending(event) &&
      sites.every((site) => sim.now() >= site.createdAt && (!site.takes(event) || witness.isDealtWith(site, event)));
    const events = committed.ofGroup(group);
    const kept = events.findIndex((event) => !isOver(event));
    const gone = kept === -1 ? events : events.slice(0, kept);
    if (gone.length === 0) return;
    dealer.count('log trimmed');
    committed.trim(gone);
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
      if (kind === 'sweep') return sweep();
      if (site === undefined || group === undefined) return;
      trace(`operator: ${kind} ${site.subscription.name} ${group}`);
      if (kind === 'redrive') redrive(site);
      if (kind === 'skip') skip(site, group);
      if (kind === 'ring') audit(site, group);
      if (kind === 'expire') expire(site, group);
      if (kind === 'trim') trim(group);
    },
  };
}
