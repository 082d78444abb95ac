import { foreignError } from '../foreign-system.ts';
import type { ToldMove } from '../tracking-sender.ts';
import { type FeedSystem, numberIn, PAGE_SIZE } from './feed-system.ts';
import { disturbPage } from './page-faults.ts';

const PATH = '/tracking';

/** Whether a request of a system is for its list: the carrier answers others, too. */
export const isTrackingList = (system: string, path: string): boolean => system === 'carrier' && path === PATH;

/** The courier has no list. */
export const isOfCarrier = ({ trackingCode }: Pick<ToldMove, 'trackingCode'>): boolean =>
  trackingCode.startsWith('TRK');

/** The carrier's list of what happened to an account's parcels. */
export const createCarrierFeed = (happened: () => readonly ToldMove[]): FeedSystem => ({
  isPage: ({ path }) => path === PATH,
  answer({ method, path, query }, fault) {
    if (method !== 'GET' || path !== PATH) return foreignError(404, 'NOT_FOUND', `there is no ${path}`);
    const account = query.get('account') ?? undefined;
    const from = numberIn(query.get('after')?.replace(/^event-/, '') ?? null) ?? 0;
    const due = happened()
      .map((move, index) => ({ ...move, number: index + 1 }))
      .filter((move) => move.account === account && move.number > from && isOfCarrier(move));
    const { rows, isLast } = disturbPage(
      { rows: due.slice(0, PAGE_SIZE), isLast: due.length <= PAGE_SIZE },
      fault?.kind === 'move' ? undefined : fault?.kind,
    );
    return {
      status: 200,
      body: {
        events: rows.map(({ deliveryId, reference, trackingCode, state, occurredAt }) => {
          return { id: deliveryId, customerReference: reference, trackingCode, state, occurredAt };
        }),
        cursor: `event-${rows.at(-1)?.number ?? from}`,
        complete: isLast,
      },
    };
  },
});
