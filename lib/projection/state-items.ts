import type { MadeIn } from './made-in.ts';

/** A generation of the view, and the version of the code that makes it. */
export interface Generation {
  readonly generation: number;
  readonly version: number;
  /** Where its items are; undefined where older code made it. */
  readonly madeIn?: MadeIn | undefined;
}

interface ServingGeneration extends Generation {
  /** Events have passed it by since another table took its table's place: it never serves again. */
  readonly abandoned?: boolean;
}

/** Which generation answers queries, and which one is being built beside it. */
export interface Control {
  /** 0 where nothing has been stored yet. */
  readonly revision: number;
  readonly serving: ServingGeneration;
  readonly building: BuiltGeneration | undefined;
}

export interface BuiltGeneration extends Generation {
  /** Somebody noted a group that must be visited again, since the list of them was last gone through. */
  readonly noted: boolean;
}

/** A projection that was never rebuilt: whatever version of the code there was has made its view. */
export const FIRST_CONTROL: Control = {
  revision: 0,
  serving: { generation: 1, version: 1 },
  building: undefined,
};

/**
 * `building`: groups are visited. `closing`: those that were noted are visited again. `blocked`: some of them cannot be
 * brought to their last event. `cleaning`: what
 * does not serve is deleted.
 */
export type RebuildPhase = 'building' | 'closing' | 'blocked' | 'cleaning' | 'done';

/** A rebuild: the one under way, or the last. */
export interface RebuildJob extends Omit<Generation, 'madeIn'> {
  readonly revision: number;
  readonly phase: RebuildPhase;
  readonly outcome: 'switched' | 'aborted' | undefined;
  /** RFC 3339, as all its instants. */
  readonly startedAt: string;
  readonly switchedAt: string | undefined;
  readonly finishedAt: string | undefined;
  /** Where the scan goes on, of the log or of the view's table; undefined at the beginning. */
  readonly scanKey: string | undefined;
  /** Groups visited; one that the scan comes across twice counts twice. */
  readonly groups: number;
  /** Events that the visits folded into the view. */
  readonly events: number;
  /** Groups whose first events the log no longer holds. */
  readonly truncatedGroups: number;
  readonly readUnits: number;
  /** Items of other generations that were deleted. */
  readonly deletedItems: number;
}

/** Up to which event a generation holds a group, and from which. */
export interface GroupPosition {
  /** Sequence of the last event; 0 where it holds none. */
  readonly position: number;
  /** Sequence of the first event that the log held of the group when it was begun; 0 where it holds none. */
  readonly since: number;
}

/** A group that could not be brought to its last event in the generation that is built: it must be visited again. */
export interface FailedGroup {
  readonly group: string;
  /** The event that was to be folded in; a later note has a later one. */
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
  madeIn: (stored as Stored)['madeIn'] as MadeIn | undefined,
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
