import type { Outbox } from '../../lib/outbox/index.ts';
import { Common, Rare, Single, Twin } from './events.ts';
import { createExecution } from './execution.ts';
import type { Foundation } from './foundation.ts';
import type { RequestPlan } from './schedule.ts';

const DEFINITIONS = { common: Common, rare: Rare, twin: Twin } as const;

/** One request of so many skips a version of its aggregate first. */
const CARELESS_EVERY = 4;

/** A mistake in a program: it must not leave a hole in the group. */
async function publishBeyond(outbox: Outbox, sequence: number, number: number, { dealer }: Foundation): Promise<void> {
  try {
    await outbox.transact((tx) => tx.publish(Common, { number, group: 'versioned' }, { sequence }));
  } catch (error) {
    if ((error as { readonly code?: unknown }).code !== 'OUTBOX_SEQUENCE_GAP') throw error;
    dealer.count('version skipped, and refused');
  }
}

/** Serves one request to a service: its events are committed together, or not at all. */
export async function serveRequest(
  name: string,
  { group, events }: RequestPlan,
  firstNumber: number,
  base: Foundation,
): Promise<void> {
  const execution = createExecution(name, base);
  const { committed, outboxIn, trace } = base;
  try {
    // an aggregate is loaded before its next versions are written
    const version = await execution.call('load', () => committed.ofGroup(group).at(-1)?.sequence ?? 0);
    if (group === 'versioned' && firstNumber % CARELESS_EVERY === 0) {
      await publishBeyond(outboxIn(execution), version + 2, firstNumber, base);
    }
    await outboxIn(execution).transact((tx) => {
      for (const [index, { type }] of events.entries()) {
        const data = { number: firstNumber + index, group };
        if (group === 'alone') tx.publish(Single, data);
        else if (group !== 'versioned') tx.publish(DEFINITIONS[type], data);
        else tx.publish(DEFINITIONS[type], data, { sequence: version + 1 + index });
      }
    });
  } catch (error) {
    trace(`${name}: ${String(error)}`);
    if ((error as { readonly code?: unknown }).code === 'OUTBOX_SEQUENCE_GAP') {
      base.accuse(`${name} was refused its versions for a gap before them, and there is none`);
    }
    base.dealer.count('request failed');
  }
}
