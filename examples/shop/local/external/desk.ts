import type { ExternalFault } from './external-faults.ts';
import type { FeedName, ForeignReply, SystemName } from './foreign-system.ts';
import type { ExternalLedger } from './ledger.ts';
import type { RequestedFaults } from './requested-faults.ts';
import { isPageFault, PAGE_FAULT_KINDS, type PageFault } from './suppliers/page-faults.ts';

/** Where people look at the systems' books, and ask for trouble. */
export interface Desk {
  answer(method: string, path: string, body: Readonly<Record<string, unknown>> | undefined): ForeignReply;
}

export interface DeskDeps {
  readonly ledger: () => ExternalLedger;
  readonly requested: RequestedFaults;
}

const ROUTES = {
  'GET /ledger': 'what the systems did',
  'GET /faults': 'the trouble that was asked for and has not happened yet',
  'POST /faults':
    '{"system": "payment-gateway", "fault": {"kind": "reset", "when": "after"}, "times": 3}, sent as application/json: disturbs the next requests',
  'DELETE /faults': 'takes it back',
  'POST /payment-gateway/v2/charges': '{"merchantRef": "1001", "amt": "12.50", "ccy": "GBP"}',
  'POST /payment-gateway/v2/charges/{txnRef}/refunds': '{"amt": "12.50", "ccy": "GBP"}',
  'POST /fraud-check/assessments': '{"transactionRef": "1001", "amt": "12.50", "ccy": "GBP"}',
  'GET /carrier/rates?country=GB&pieces=1&currency=GBP': 'what the carrier takes',
  'POST /carrier/parcels':
    '{"customerReference": "1001", "service": "STANDARD", "items": [{"article": "TEA", "pieces": 1}]}',
  'GET /courier/v1/offers?to=GB&pieces=1': 'what the courier takes',
  'GET /carrier/tracking?account=&after=': 'what happened to parcels, in that order',
  'POST /courier/v1/jobs': '{"reference": "1001", "product": "next-day", "goods": [{"code": "TEA", "count": 1}]}',
  'GET /supplier-a/articles?after=&id=&until=':
    'x-account: the tenant; also /articles/all?page=, /articles/{SKU}, /time',
  'GET /supplier-b/changes?after=': 'authorization: Bearer …; also /products/{gtin}',
  'POST /supplier-b/oauth/token': '{"refresh_token": "…"}, which works once',
  'POST /mailer/messages': '{"recipientRef": "customer-1", "subjectLine": "…", "plainText": "…"}',
} as const;

const FEEDS: readonly string[] = ['supplier-a', 'supplier-b', 'carrier'] satisfies FeedName[];
const SYSTEMS: readonly string[] = [
  ...(['payment-gateway', 'fraud-check', 'courier', 'mailer'] satisfies SystemName[]),
  ...FEEDS,
];

const isSystem = (value: unknown): value is SystemName => typeof value === 'string' && SYSTEMS.includes(value);

export function createDesk({ ledger, requested }: DeskDeps): Desk {
  return {
    answer(method, path, body) {
      switch (`${method} ${path}`) {
        case 'GET /':
          return { status: 200, body: ROUTES };
        case 'GET /ledger':
          return { status: 200, body: ledger() };
        case 'GET /faults':
          return { status: 200, body: requested.list() };
        case 'DELETE /faults':
          requested.clear();
          return { status: 200, body: [] };
        case 'POST /faults': {
          const { system, fault, times = 1 } = body ?? {};
          const wanted = readFault(fault);
          const fits = isSystem(system) && (FEEDS.includes(system) || !isPageFault(wanted));
          if (!fits || wanted === undefined || !Number.isSafeInteger(times) || Number(times) < 1) {
            const problem = `system is one of ${SYSTEMS.join(', ')}; fault is one of ${FAULT_FORMS.join(', ')}; times is a whole number from 1`;
            return { status: 400, body: { problem } };
          }
          requested.add(system, wanted, Number(times));
          return { status: 201, body: requested.list() };
        }
        default:
          return { status: 404, body: { problem: `there is no ${method} ${path}`, routes: ROUTES } };
      }
    },
  };
}

const FAULT_FORMS = [
  '{"kind": "error", "status": 503, "retryAfterSeconds"?: 10}',
  '{"kind": "throttle", "retryAfterSeconds": 10}',
  '{"kind": "hang"}',
  '{"kind": "reset", "when": "before" or "after"}',
  '{"kind": "malformed"}',
  '{"kind": "odd", "body": …, "status"?: 200}',
  '{"kind": "slow", "delayMs": 500}',
  '{"kind": "refuse", "code": "NO_SERVICE"}',
  ...PAGE_FAULT_KINDS.map((kind) => `{"kind": "${kind}"} of a page of a supplier`),
];

function readFault(value: unknown): ExternalFault | undefined {
  const { kind, status, retryAfterSeconds, when, body, delayMs, code } = (value ?? {}) as Record<string, unknown>;
  const wait = isCount(retryAfterSeconds) ? { retryAfterSeconds } : {};
  switch (kind) {
    case 'error':
      return isErrorStatus(status) ? { kind, status, ...wait } : undefined;
    case 'throttle':
      return isCount(retryAfterSeconds) ? { kind, retryAfterSeconds } : undefined;
    case 'hang':
    case 'malformed':
      return { kind };
    case 'reset':
      return when === 'before' || when === 'after' ? { kind, when } : undefined;
    case 'odd':
      return isCount(status) && status >= 200 && status <= 599 ? { kind, body, status } : { kind, body };
    case 'slow':
      return isCount(delayMs) ? { kind, delayMs } : undefined;
    case 'refuse':
      return typeof code === 'string' ? { kind, code } : undefined;
    default:
      return typeof kind === 'string' && isPageFault({ kind }) ? ({ kind } as PageFault) : undefined;
  }
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

const isErrorStatus = (value: unknown): value is number => isCount(value) && value >= 400 && value <= 599;
