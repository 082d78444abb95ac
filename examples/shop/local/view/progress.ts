import { counted } from '../../../../local/view/counted.ts';
import { seconds } from '../../../../local/view/seconds.ts';
import { describeState, type OrderState } from '../orders/order-states.ts';

/** How far the run is, at one moment. */
export interface Progress {
  /** Undefined once the run has settled. */
  readonly elapsedMs: number | undefined;
  /** Orders for which an answer came, whatever it was. */
  readonly placed: number;
  readonly total: number;
  readonly notPlaced: number;
  /** Cancellations that the shop took. */
  readonly cancellations: number;
  /** Orders by state, in the order of an order's way. */
  readonly states: ReadonlyMap<OrderState, number>;
  readonly published: number;
  readonly handled: number;
  readonly duplicates: number;
  readonly failed: number;
  /** Messages that wait or are being handled, by consumer. */
  readonly waiting: ReadonlyMap<string, number>;
  /** Undefined in a shop without syncs. */
  readonly syncs: SyncProgress | undefined;
  readonly deadLetters: number;
  readonly undeliverable: number;
}

/** How far syncs are. */
interface SyncProgress {
  readonly applied: number;
  readonly parked: number;
  readonly echoes: number;
  readonly runs: number;
  readonly failedRuns: number;
}

/** The few lines of the live view; what there is none of is left out. */
export const progressBlock = (progress: Progress): string[] => [
  '',
  ...row('orders', ordersOf(progress)),
  ...row('events', eventsOf(progress)),
  ...row('syncs', syncsOf(progress)),
  ...row('waiting', waitingOf(progress)),
  ...row('dead', deadOf(progress)),
  ...(progress.elapsedMs === undefined ? [] : [`  ${seconds(progress.elapsedMs)}`]),
];

/** The same in one line, without the time: for output that is kept. */
export const progressLine = (progress: Progress): string =>
  [
    ...ordersOf(progress),
    ...eventsOf(progress),
    ...syncsOf(progress),
    ...allWaiting(progress),
    ...deadOf(progress),
  ].join(', ');

const ordersOf = ({ placed, total, notPlaced, cancellations, states }: Progress): string[] => [
  `${placed} of ${total} sent`,
  ...(notPlaced > 0 ? [`${notPlaced} not placed`] : []),
  ...(cancellations > 0 ? [`${cancellations} taken back`] : []),
  ...[...states].map(([state, count]) => `${count} ${describeState(state)}`),
];

const eventsOf = ({ published, handled, duplicates, failed }: Progress): string[] => [
  ...(published > 0 ? [`${published} published`] : []),
  ...(handled > 0 ? [`${handled} handled`] : []),
  ...(duplicates > 0 ? [counted(duplicates, 'duplicate')] : []),
  ...(failed > 0 ? [counted(failed, 'failed try', 'failed tries')] : []),
];

const syncsOf = ({ syncs }: Progress): string[] =>
  syncs === undefined
    ? []
    : [
        `${syncs.applied} changes of others applied`,
        ...(syncs.echoes > 0 ? [counted(syncs.echoes, 'echo', 'echoes')] : []),
        ...(syncs.parked > 0 ? [`${syncs.parked} times parked`] : []),
        counted(syncs.runs, 'run of syncs', 'runs of syncs'),
        ...(syncs.failedRuns > 0 ? [`${syncs.failedRuns} failed`] : []),
      ];

const deadOf = ({ deadLetters, undeliverable }: Progress): string[] => [
  ...(deadLetters > 0 ? [counted(deadLetters, 'dead letter')] : []),
  ...(undeliverable > 0 ? [`${undeliverable} undeliverable`] : []),
];

/** Who has most to do comes first. */
const waitingOf = ({ waiting }: Progress): string[] =>
  [...waiting]
    .filter(([, count]) => count > 0)
    .toSorted(([, a], [, b]) => b - a)
    .map(([name, count]) => `${name} ${count}`);

function allWaiting(progress: Progress): string[] {
  const sum = [...progress.waiting.values()].reduce((all, one) => all + one, 0);
  return sum > 0 ? [`${sum} waiting (${waitingOf(progress).join(', ')})`] : [];
}

const row = (title: string, parts: readonly string[]): string[] =>
  parts.length === 0 ? [] : [`  ${title.padEnd(10)}${parts.join(' · ')}`];
