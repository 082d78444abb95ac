import { counted } from '../../../../local/view/counted.ts';
import type { Screen } from '../../../../local/view/screen.ts';
import { seconds } from '../../../../local/view/seconds.ts';
import { formatAmount } from '../orders/amount.ts';
import { describeState } from '../orders/order-states.ts';
import { describeChange } from '../redeploy/revisions.ts';
import { syncsText } from '../syncs/sync-summary.ts';
import { readModelsText } from './read-models-text.ts';
import type { RunResult } from './summarize.ts';

/** On a terminal; a pipe gets them all. */
const MOST_TROUBLES = 20;

/** The summary for people. */
export function summaryText({ summary, troubles }: RunResult, { isLive }: Pick<Screen, 'isLive'>): string[] {
  const { orders, elapsedMs, latencyMs, states, sums } = summary;
  const perSecond = elapsedMs === 0 ? '' : `, ${((orders * 1000) / elapsedMs).toFixed(1)} orders/s`;
  return [
    '',
    `${summary.missingGrants.length + summary.failedStarts.length === 0 ? 'Settled' : 'Stopped'} ${seconds(elapsedMs)} after the first order${perSecond}`,
    '',
    row('orders', [
      `${orders} placed`,
      ...Object.entries(states).map(([state, count]) => `${count} ${describeState(state)}`),
    ]),
    row('', [
      summary.fulfilment,
      ...unlessNone(summary.tenants, 'tenant', 'tenants'),
      ...unlessNone(summary.notPlaced, 'not placed', 'not placed'),
      ...unlessNone(summary.repeated, 'sent again', 'sent again'),
      ...unlessNone(summary.cancellations, 'cancellation', 'cancellations'),
      ...unlessNone(summary.badLines, 'bad line skipped', 'bad lines skipped'),
    ]),
    row(
      'sums',
      Object.entries(sums).map(([state, sum]) => `£${formatAmount(sum)} ${describeState(state)}`),
    ),
    row('events', [`${summary.published} published`, `${summary.handled} handled`, `${summary.lost} lost`]),
    row('effects', [
      counted(summary.repeatedEffects, 'repeated effect'),
      counted(summary.orderBreaks, 'order break'),
      ...unlessNone(summary.held, 'held', 'held'),
      ...unlessNone(summary.steppedOver, 'stepped over', 'stepped over'),
    ]),
    row('', [
      ...unlessNone(summary.duplicates, 'duplicate skipped', 'duplicates skipped'),
      ...unlessNone(summary.failed, 'failed try', 'failed tries'),
    ]),
    row('dead', [
      counted(summary.deadLetters, 'dead letter'),
      ...unlessNone(summary.undeliverable, 'undeliverable', 'undeliverable'),
      ...unlessNone(summary.delivered, 'undeliverable event delivered', 'undeliverable events delivered'),
      ...unlessNone(summary.quarantined, 'quarantined', 'quarantined'),
    ]),
    row('http', httpText(summary)),
    row('latency', [
      `p50 ${ms(latencyMs.p50)}`,
      `p99 ${ms(latencyMs.p99)}`,
      'from commit to handled',
      ...slowestText(latencyMs),
    ]),
    ...deploymentsText(summary),
    ...readModelsText(summary.readModels),
    ...syncsText(summary.syncs),
    ...invariantsText(summary),
    ...injectedText(summary),
    ...troubleLines(troubles, { isLive }),
  ].filter((line) => line !== undefined);
}

/** How orders came over HTTP. */
function httpText({ http }: RunResult['summary']): string[] {
  if (http === null) return [];
  return [
    counted(http.requests, 'request'),
    `${counted(http.ordersOfPeople, 'order')} of ${counted(http.people, 'person', 'people')} with tokens of their own`,
    `${counted(http.tokens, 'token')} issued`,
    ...unlessNone(http.refreshes, 'of them by a refresh', 'of them by a refresh'),
    ...unlessNone(http.replayed, 'answer replayed', 'answers replayed'),
  ];
}

/** What was deployed in the middle of the run. */
function deploymentsText({ deployments }: RunResult['summary']): string[] {
  if (deployments.length === 0) return [];
  return [
    '',
    'Deployments:',
    ...deployments.flatMap(({ revision, changes, afterMs, tookMs, orders, resent, failed, ...done }) => [
      `  ${failed === null ? '' : 'FAILED  '}${revision} (${seconds(afterMs)} after the first order, in ${seconds(tookMs)}; orders ${orders.before} to ${orders.after})`,
      `    ${done.created.length} created, ${done.updated.length} updated, ${done.replaced.length} replaced, ${done.deleted.length} deleted${resent === 0 ? '' : `, ${counted(resent, 'event')} sent again`}`,
      ...changes.map((change) => `    ${describeChange(change)}`),
    ]),
  ];
}

/** What was checked of the shop; troubleLines says what does not hold. */
function invariantsText({ invariants }: RunResult['summary']): string[] {
  if (invariants.length === 0) return [];
  return [
    '',
    'Invariants:',
    ...invariants.map(({ name, holds, detail }) => (holds ? `  ${name} (${inShort(detail)})` : `  BROKEN  ${name}`)),
  ];
}

/** Of several tenants, the first one's. */
const inShort = ([first = 'nothing', ...more]: readonly string[]): string =>
  more.length === 0 ? first : `${first}; and ${more.length} more`;

/** What a run with faults had to bear, by kind. */
function injectedText({ chaos, injected }: RunResult['summary']): string[] {
  if (chaos === null) return [];
  const kinds = Object.entries(injected).filter(([, count]) => count > 0);
  const absent = Object.keys(injected).filter((kind) => injected[kind] === 0);
  const total = kinds.reduce((sum, [, count]) => sum + count, 0);
  const width = Math.max(0, ...kinds.map(([kind]) => kind.length));
  return [
    '',
    `Chaos, seed ${chaos}: ${counted(total, 'fault')} injected`,
    ...kinds.map(([kind, count]) => `  ${kind.padEnd(width)}  ${count}`),
    ...(absent.length === 0 ? [] : [`  not: ${absent.join(', ')}`]),
  ];
}

/** Which orders are where, and what else is not as it should be. */
export function troubleLines(troubles: readonly string[], { isLive }: Pick<Screen, 'isLive'>): string[] {
  if (troubles.length === 0)
    return [
      '',
      'Every order reached its final state, all invariants hold; nothing was lost, repeated or out of order.',
    ];
  const shown = troubles.slice(0, isLive ? MOST_TROUBLES : troubles.length);
  const more = troubles.length - shown.length;
  return [
    '',
    'Not everything is where it should be:',
    ...shown.map((trouble) => `  ${trouble}`),
    ...(more > 0 ? [`  … and ${more} more`] : []),
  ];
}

const row = (title: string, parts: readonly string[]): string | undefined =>
  parts.length === 0 ? undefined : `  ${title.padEnd(9)} ${parts.join(' · ')}`;

/** What need not be said when it did not happen. */
const unlessNone = (count: number, one: string, many: string): string[] =>
  count === 0 ? [] : [counted(count, one, many)];

const slowestText = ({ slowest }: RunResult['summary']['latencyMs']): string[] =>
  slowest === null ? [] : [`${slowest.consumer} was the slowest: p99 ${ms(slowest.p99)}`];

const ms = (value: number | null): string => (value === null ? '–' : `${value} ms`);
