import type { GenerationSchema } from './generation-schema.ts';

/** A generation of the view, and the version of the code that builds it. */
export interface Generation {
  readonly generation: number;
  readonly version: number;
  /** Its schema and table; undefined if older code built it. */
  readonly madeIn?: GenerationSchema | undefined;
}

interface ServingGeneration extends Generation {
  /** True after its table was replaced: it receives no events and never serves again. */
  readonly abandoned?: boolean;
}

/** Which generation answers queries, and which one is being built. */
export interface Control {
  /** 0 if the item is not stored yet. */
  readonly revision: number;
  readonly serving: ServingGeneration;
  readonly building: BuiltGeneration | undefined;
}

export interface BuiltGeneration extends Generation {
  /** True if a group failed since the failed groups were last retried. */
  readonly noted: boolean;
}

/** The state of a projection that was never rebuilt. */
export const FIRST_CONTROL: Control = {
  revision: 0,
  serving: { generation: 1, version: 1 },
  building: undefined,
};

/**
 * `building`: groups are replayed. `closing`: failed groups are retried. `blocked`: some groups still fail. `cleaning`:
 * items of other generations are deleted.
 */
export type RebuildPhase = 'building' | 'closing' | 'blocked' | 'cleaning' | 'done';

/** The current or the last rebuild. */
export interface RebuildJob extends Omit<Generation, 'madeIn'> {
  readonly revision: number;
  readonly phase: RebuildPhase;
  readonly outcome: 'switched' | 'aborted' | undefined;
  /** RFC 3339, like the other times of a job. */
  readonly startedAt: string;
  readonly switchedAt: string | undefined;
  readonly finishedAt: string | undefined;
  /** Token of the next page of the log or of the view's table; undefined at the beginning. */
  readonly scanKey: string | undefined;
  /** Number of replayed groups; a group that the scan finds twice counts twice. */
  readonly groups: number;
  /** Number of events that were projected. */
  readonly events: number;
  /** Number of groups whose first events the log no longer holds. */
  readonly truncatedGroups: number;
  readonly readUnits: number;
  /** Number of deleted items of other generations. */
  readonly deletedItems: number;
}

/** The range of a group's events that a generation has. */
export interface GroupPosition {
  /** Sequence of the last event; 0 if it has none. */
  readonly position: number;
  /** Sequence of the group's first event in the log when the group was first projected; 0 if it has none. */
  readonly since: number;
}

/** A group that failed in the generation that is being built and must be replayed again. */
export interface FailedGroup {
  readonly group: string;
  /** Sequence of the event that had to be reached; it increases when the group fails again. */
  readonly upTo: number;
  readonly code: string;
  readonly message: string;
}

type Stored = Readonly<Record<string, unknown>>;

const numbersOf = (stored: unknown): Omit<Generation, 'madeIn'> => {
  const { generation, version } = stored as Stored;
  return { generation: Number(generation), version: Number(version) };
};

const generationOf = (stored: unknown): Generation => ({
  ...numbersOf(stored),
  madeIn: (stored as Stored)['madeIn'] as GenerationSchema | undefined,
});

const text = (value: unknown): string | undefined => (value === undefined ? undefined : String(value));

export const controlOf = ({ revision, serving, building }: Stored): Control => ({
  revision: Number(revision),
  serving: { ...generationOf(serving), ...((serving as Stored)['abandoned'] === true ? { abandoned: true } : {}) },
  building:
    building === undefined ? undefined : { ...generationOf(building), noted: (building as Stored)['noted'] === true },
});

export const rebuildJobOf = (stored: Stored): RebuildJob => ({
  ...numbersOf(stored),
  revision: Number(stored['revision']),
  phase: stored['phase'] as RebuildPhase,
  outcome: stored['outcome'] as RebuildJob['outcome'],
  startedAt: String(stored['startedAt']),
  switchedAt: text(stored['switchedAt']),
  finishedAt: text(stored['finishedAt']),
  scanKey: text(stored['scanKey']),
  groups: Number(stored['groups']),
  events: Number(stored['events']),
  truncatedGroups: Number(stored['truncatedGroups']),
  readUnits: Number(stored['readUnits']),
  deletedItems: Number(stored['deletedItems']),
});

export const groupPositionOf = ({ position = 0, since = 0 }: Stored): GroupPosition => ({
  position: Number(position),
  since: Number(since),
});

export const failedGroupOf = ({ group, upTo, code, message }: Stored): FailedGroup => ({
  group: String(group),
  upTo: Number(upTo),
  code: String(code),
  message: String(message),
});
