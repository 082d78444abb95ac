import { seconds } from '../../../../local/view/seconds.ts';
import { describeState, type OrderState } from '../orders/order-states.ts';
import { counted } from './counted.ts';

/** How far the run is, at one moment. */
export interface Progress {
  readonly elapsedMs: number;
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
  readonly deadLetters: number;
  readonly undeliverable: number;
}

/** The few lines of the live view. */
export const progressBlock = (progress: Progress): string[] => [
  '',
  `  orders    ${ordersOf(progress).join(' · ')}`,
  `  events    ${eventsOf(progress).join(' · ')}`,
  `  waiting   ${countsOf(progress.waiting).join(' · ')}`,
  `  dead      ${deadOf(progress).join(' · ')}`,
  `  ${seconds(progress.elapsedMs)}`,
];

/** The same in one line, without the time: for output that is kept. */
export const progressLine = (progress: Progress): string =>
  [...ordersOf(progress), ...eventsOf(progress), `${sum(progress.waiting)} waiting`, ...deadOf(progress)].join(', ');

const ordersOf = ({ placed, total, notPlaced, cancellations, states }: Progress): string[] => [
  `${placed} of ${total} sent`,
  ...(notPlaced > 0 ? [`${notPlaced} not placed`] : []),
  ...(cancellations > 0 ? [`${cancellations} taken back`] : []),
  ...[...states].map(([state, count]) => `${count} ${describeState(state)}`),
];

const eventsOf = ({ published, handled, duplicates, failed }: Progress): string[] => [
  `${published} published`,
  `${handled} handled`,
  ...(duplicates > 0 ? [counted(duplicates, 'duplicate')] : []),
  ...(failed > 0 ? [counted(failed, 'failed try', 'failed tries')] : []),
];

const deadOf = ({ deadLetters, undeliverable }: Progress): string[] => [
  counted(deadLetters, 'dead letter'),
  ...(undeliverable > 0 ? [`${undeliverable} undeliverable`] : []),
];

const countsOf = (counts: ReadonlyMap<string, number>): string[] =>
  [...counts].map(([name, count]) => `${name} ${count}`);

const sum = (counts: ReadonlyMap<string, number>): number => [...counts.values()].reduce((all, one) => all + one, 0);
