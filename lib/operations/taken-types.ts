import { findEventType, LONGEST_DEPLOYMENT_MS } from '../definitions/index.ts';
import type { EventSummary } from '../outbox/index.ts';
import { addMs, type EpochMs } from '../shared/time.ts';
import type { DeployedConsumer } from './deployment.ts';

/** Since when each consumer takes each of its types, by the consumer's name, and the source and type. */
export type TakenTypes = Readonly<Record<string, readonly TakenType[]>>;

interface TakenType {
  readonly type: string;
  /** `''` if an older version deployed the consumer: any source. */
  readonly source: string;
  /** 0: since the consumer's start. */
  readonly since: EpochMs;
}

export interface TakenTypesStore {
  takenTypes(): Promise<TakenTypes | undefined>;
  saveTakenTypes(types: TakenTypes): Promise<void>;
}

const EVER = 0 as EpochMs;

/**
 * Records types that were added. Events of a type from before a consumer took it were never sent to it, and their absence
 * is no loss.
 * @param startedAt of a consumer. One that is older than the first record may have taken a type at any time: it is held to
 * account for new events only
 */
export async function recordTakenTypes(
  known: TakenTypes | undefined,
  consumers: readonly Pick<DeployedConsumer, 'name' | 'events'>[],
  startedAt: (consumer: string) => Promise<EpochMs>,
  now: EpochMs,
): Promise<TakenTypes> {
  const entries = consumers.map(async ({ name, events }): Promise<[string, readonly TakenType[]]> => {
    const before = known?.[name];
    const isNew = known !== undefined && before === undefined;
    const first = async (): Promise<EpochMs> =>
      isNew || addMs(await startedAt(name), LONGEST_DEPLOYMENT_MS) >= now ? EVER : now;
    const since = before === undefined ? await first() : now;
    return [
      name,
      events.map(({ type, source = '' }) => ({
        type,
        source,
        since: before?.find((each) => each.type === type && each.source === source)?.since ?? since,
      })),
    ];
  });
  return Object.fromEntries(await Promise.all(entries));
}

/**
 * From when a consumer is held to account for an event.
 * @param deploymentMs how long after it began to take a type its rule may have come
 */
export function takenSince(types: TakenTypes, consumer: string, event: EventSummary, deploymentMs: number): EpochMs {
  const all = types[consumer] ?? [];
  const found = findEventType(all, event) ?? all.find(({ type, source }) => type === event.type && source === '');
  return found === undefined || found.since === EVER ? EVER : addMs(found.since, deploymentMs);
}
