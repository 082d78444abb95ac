import { Common, Rare, Single } from './events.ts';
import { createExecution } from './execution.ts';
import type { Foundation } from './foundation.ts';
import type { RequestPlan } from './schedule.ts';

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
    await outboxIn(execution).transact((tx) => {
      for (const [index, { type }] of events.entries()) {
        const data = { number: firstNumber + index, group };
        if (group === 'alone') tx.publish(Single, data);
        else if (group !== 'versioned') tx.publish(type === 'rare' ? Rare : Common, data);
        else tx.publish(type === 'rare' ? Rare : Common, data, { sequence: version + 1 + index });
      }
    });
  } catch (error) {
    trace(`${name}: ${String(error)}`);
    base.dealer.count('request failed');
  }
}
