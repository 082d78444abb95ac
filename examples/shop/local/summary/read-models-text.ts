import { counted } from '../../../../local/view/counted.ts';
import { formatAmount } from '../orders/amount.ts';
import { describeState } from '../orders/order-states.ts';
import type { ReadModelSummary } from './read-model-summary.ts';

/** Of more tenants, the summary for people tells how many there are. */
const MOST_TENANTS = 3;

const MOST_DAYS = 3;

/** What the read models show, in a few lines. */
export function readModelsText(models: readonly ReadModelSummary[]): string[] {
  if (models.length === 0) return [];
  const more = models.length - MOST_TENANTS;
  return [
    '',
    'Read models:',
    ...models.slice(0, MOST_TENANTS).flatMap(modelText),
    ...(more > 0 ? [`  … and those of ${counted(more, 'more tenant')}`] : []),
  ];
}

function modelText({ tenant, orderOverview, revenueByDay }: ReadModelSummary): string[] {
  const whose = tenant === null ? '' : `${tenant}  `;
  const states = Object.entries(orderOverview).map(([state, count]) => `${count} ${describeState(state)}`);
  const days = revenueByDay.slice(-MOST_DAYS).map(({ day, orders, captured, refunded, net }) => {
    const amounts = `£${formatAmount(captured)} − £${formatAmount(refunded)} = £${formatAmount(net)}`;
    return `  ${whose}revenue-by-day  ${day}: ${counted(orders, 'order')}, ${amounts}`;
  });
  return [`  ${whose}order-overview  ${states.join(' · ')}`, ...days];
}
