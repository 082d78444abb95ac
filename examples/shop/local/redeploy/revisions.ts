import type { Claim, Ordering } from '../../../../lib/definitions/index.ts';

/** What a deployment changes, as far as the promises are concerned. */
type ChangeKind =
  | 'consumer-added'
  | 'type-added'
  | 'type-removed'
  | 'consumer-renamed'
  | 'schema-version'
  | 'ordering'
  | 'claim';

export interface Change {
  readonly kind: ChangeKind;
  /** By the name of its subscription. */
  readonly consumer: string;
  readonly what: string;
}

/** `consumer-added loyalty (strict, with a table)`. */
export const describeChange = ({ kind, consumer, what }: Change): string => `${kind} ${consumer} (${what})`;

/** What of the shop differs between revisions. */
export interface ShopState {
  /** Undefined before it is added. */
  readonly loyalty: { readonly takesPayments: boolean; readonly publishesVersion: 1 | 2 } | undefined;
  /** Undefined before it is added. */
  readonly statement: { readonly readsVersion: 1 | 2; readonly ordering: Ordering } | undefined;
  /** The construct of the subscription `notifications`. */
  readonly notificationsId: 'Notifications' | 'CustomerMail';
  readonly creditNotes: Ordering;
  /** When the consumers of `CLAIMS_CHANGE_OF` claim an event. */
  readonly claim: Claim;
}

export interface Revision {
  readonly name: string;
  readonly changes: readonly Change[];
  /** What is other than in the revision before. */
  readonly to: Partial<ShopState>;
}

/** Consumers whose claim changes: a strict and a fifo one. */
export const CLAIMS_CHANGE_OF: readonly string[] = ['customers', 'catalog'];

const claimChanges = (what: string): readonly Change[] =>
  CLAIMS_CHANGE_OF.map((consumer) => ({ kind: 'claim', consumer, what }));

/** The shop as it is. */
const FIRST: ShopState = {
  loyalty: undefined,
  statement: undefined,
  notificationsId: 'Notifications',
  creditNotes: 'fifo',
  claim: 'commit',
};

const PAYMENT_CAPTURED = 'com.example.payment.captured';
const POINTS_GRANTED = 'com.example.points.granted';

/** What is deployed while orders flow, one after another. Who reads a new version of an event comes before who writes it. */
export const REVISIONS: readonly Revision[] = [
  {
    name: 'a loyalty programme',
    changes: [
      { kind: 'consumer-added', consumer: 'loyalty', what: 'strict, with a table, publishes an event of its own' },
      { kind: 'consumer-added', consumer: 'points-statement', what: 'fifo, with a table' },
      ...claimChanges('with the commit to before the handler'),
    ],
    to: {
      loyalty: { takesPayments: false, publishesVersion: 1 },
      statement: { readsVersion: 1, ordering: 'fifo' },
      claim: 'before',
    },
  },
  {
    name: 'points for payments',
    changes: [
      { kind: 'type-added', consumer: 'loyalty', what: PAYMENT_CAPTURED },
      {
        kind: 'schema-version',
        consumer: 'points-statement',
        what: `reads ${POINTS_GRANTED} in version 2, with an upcaster from version 1`,
      },
      { kind: 'consumer-renamed', consumer: 'notifications', what: "its construct 'Notifications' is 'CustomerMail'" },
      ...claimChanges('before the handler to with the commit'),
    ],
    to: {
      loyalty: { takesPayments: true, publishesVersion: 1 },
      statement: { readsVersion: 2, ordering: 'fifo' },
      notificationsId: 'CustomerMail',
      claim: 'commit',
    },
  },
  {
    name: 'no points for payments',
    changes: [
      { kind: 'type-removed', consumer: 'loyalty', what: PAYMENT_CAPTURED },
      { kind: 'schema-version', consumer: 'loyalty', what: `publishes ${POINTS_GRANTED} in version 2` },
      ...claimChanges('with the commit to before the handler'),
    ],
    to: { loyalty: { takesPayments: false, publishesVersion: 2 }, claim: 'before' },
  },
  {
    name: 'points for payments again, and statements in order',
    changes: [
      { kind: 'type-added', consumer: 'loyalty', what: PAYMENT_CAPTURED },
      { kind: 'ordering', consumer: 'points-statement', what: 'fifo to strict' },
      { kind: 'ordering', consumer: 'credit-notes', what: 'fifo to strict' },
      ...claimChanges('before the handler to with the commit'),
    ],
    to: {
      loyalty: { takesPayments: true, publishesVersion: 2 },
      statement: { readsVersion: 2, ordering: 'strict' },
      creditNotes: 'strict',
      claim: 'commit',
    },
  },
];

/** Consumers that are not there at the start. */
export const CONSUMERS_TO_COME: readonly string[] = REVISIONS.flatMap(({ changes }) =>
  changes.filter(({ kind }) => kind === 'consumer-added').map(({ consumer }) => consumer),
);

/** The shop after the first `count` of these deployments. */
export const stateAfter = (count: number): ShopState =>
  Object.assign({}, FIRST, ...REVISIONS.slice(0, count).map(({ to }) => to));

/** Where the assembly is of the shop after `count` deployments, below the folder that all were written to. */
export const revisionFolder = (count: number): string => `revision-${count}`;
