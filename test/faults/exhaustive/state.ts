import { readCursor } from '../../../lib/consumer/dynamodb-cursor-store.ts';
import type { Cursor } from '../../../lib/consumer/index.ts';
import { fromWire } from '../../../lib/testing/dynamodb/wire.ts';
import { TABLES } from '../consumer-in.ts';
import type { Tables } from '../services/dynamodb-requests.ts';
import type { Node } from './program.ts';

/** A message of the queue; in flight while `visibleAt` is to come. */
export interface Message {
  readonly id: string;
  readonly sequence: number;
  readonly receiveCount: number;
  readonly visibleAt: number;
}

/** A process at work. */
export interface Worker {
  /** For people; it tells no state from another. */
  readonly name: string;
  readonly does: 'consume' | 'skip';
  /** How far its code is. */
  readonly node: Node;
  /** When Lambda ends it; undefined once it has outlived that. */
  readonly endsAt: number | undefined;
  readonly received: readonly { readonly id: string; readonly receipt: string }[];
  /** Tables of which it was shown an old state. */
  readonly misled?: readonly string[];
  /** Once it has returned: what the poller is to delete. */
  readonly toDelete?: readonly string[];
}

/** What may still go wrong. */
export interface Budget {
  readonly crashes: number;
  readonly stalls: number;
  readonly slow: number;
  readonly earlyReturns: number;
  readonly duplicates: number;
  readonly lostAnswers: number;
  readonly staleReads: number;
  readonly redrives: number;
  readonly expiries: number;
}

export interface State {
  readonly now: number;
  readonly tables: Tables;
  /** The tables before the last write, where reads may be stale. */
  readonly before: Tables | undefined;
  /** The place that queries do not show. */
  readonly hole: number | undefined;
  /** Events on the bus. */
  readonly undelivered: readonly number[];
  readonly queue: readonly Message[];
  readonly letters: readonly Message[];
  readonly workers: readonly Worker[];
  readonly budget: Budget;
  /** Events that had their effect. */
  readonly handled: readonly number[];
  readonly skipped: readonly number[];
  /** How often the failing event was tried. */
  readonly tries: number;
  readonly redriven: boolean;
  readonly code: 'old' | 'both' | 'new';
  readonly skip: 'none' | 'asked for' | 'done';
  /** Counts messages and workers. */
  readonly count: number;
  /** The promise that the last step has broken. */
  readonly wrong: string | undefined;
}

export const isInFlight = (message: Message, now: number): boolean => message.visibleAt > now;

export const receiptOf = ({ id, receiveCount }: Message): string => `${id}/${receiveCount}`;

/** The group's cursor; undefined where there is none. */
export function cursorOf(tables: Tables): Cursor | undefined {
  const [item] = tables.get(TABLES.cursors)?.items.values() ?? [];
  return item && readCursor(fromWire(item));
}

/** Times are 13 digits everywhere: milliseconds of some hours in 2026. */
const TIME = /1795\d{9}/g;
const TIME_TO_LIVE = /"expir(?:es|ation)":\{"N":"\d+"\},?/g;
const REVISION = /"revision":\{"N":"(\d+)"\}/g;
const MESSAGE = /~\d+~/g;

/**
 * What tells the state from every other: neither names nor absolute times do. Times to come count from now, past ones
 * by their order; a cursor's revisions count from the one that is stored; messages are numbered as they appear.
 */
export function canonical(state: State): string {
  const { now, tables, before, budget } = state;
  const cursors = tableText(tables, 'cursors');
  const stored = Number(/"revision":\{"N":"(\d+)"\}/.exec(cursors)?.[1] ?? 0);
  const text = [
    JSON.stringify(state.queue.map((each) => [each.id, each.sequence, each.receiveCount, timeOf(each.visibleAt, now)])),
    JSON.stringify(state.letters.map((each) => [each.id, each.sequence])),
    JSON.stringify([state.undelivered, state.hole, state.handled, state.skipped, state.tries, state.redriven]),
    JSON.stringify([state.code, state.skip, Object.values(budget)]),
    cursors,
    tableText(tables, 'inbox'),
    before === undefined ? '' : tableText(before, 'cursors') + tableText(before, 'inbox'),
    ...state.workers.map(workerText).sort(),
  ].join('\n');
  const messages = new Map<string, number>();
  const past = [...new Set(text.match(TIME))].filter((time) => Number(time) <= now).sort();
  return text
    .replace(TIME_TO_LIVE, '')
    .replace(REVISION, (_, revision) => `R${Number(revision) - stored}`)
    .replace(TIME, (time) => (Number(time) > now ? `+${Number(time) - now}` : `-${past.indexOf(time)}`))
    .replace(MESSAGE, (id) => {
      const known = messages.get(id) ?? messages.size;
      messages.set(id, known);
      return `m${known}`;
    });
}

const timeOf = (visibleAt: number, now: number) => (visibleAt > now ? visibleAt : 0);

/** What is written is copied first. */
const tableTexts = new WeakMap<object, string>();

function tableText(tables: Tables, name: string): string {
  const { items } = tables.get(name) ?? { items: new Map() };
  const known = tableTexts.get(items) ?? JSON.stringify([...items].sort(([a], [b]) => (a < b ? -1 : 1)));
  tableTexts.set(items, known);
  return known;
}

const workerText = ({ does, node, endsAt, toDelete = [], misled = [] }: Worker): string =>
  [does, node.text, endsAt ?? 'lingers', ...toDelete, ...misled].join(' ');
