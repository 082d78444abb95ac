import { describe, expect, it } from 'vitest';
import { consumerNamed, readDeployment, undeliverableQueueUrlOf } from '../../../lib/operations/index.ts';

const ACCOUNT = 'https://sqs.eu-central-1.amazonaws.com/111122223333';

const functionOf = (name: string, environment: string) => ({
  functionName: `${environment}-${name}`,
  variables: {
    POWERTOOLS_SERVICE_NAME: name,
    WAYBILL_ENVIRONMENT_NAME: environment,
    WAYBILL_ORDERING: 'fifo',
    WAYBILL_EVENT_TYPES: 'order.placed',
    WAYBILL_QUEUE_URL: `${ACCOUNT}/${environment}-${name}.fifo`,
    WAYBILL_DEAD_LETTER_QUEUE_URL: `${ACCOUNT}/${environment}-${name}-dead.fifo`,
    WAYBILL_UNDELIVERABLE_QUEUE_URL: `${ACCOUNT}/${environment}-${name}-undeliverable`,
    WAYBILL_INBOX_TABLE_NAME: 'inbox',
    WAYBILL_INBOX_EXPIRY_SECONDS: '1555200',
    WAYBILL_OUTBOX_TABLE_NAME: 'outbox',
    WAYBILL_PENDING_TABLE_NAME: 'pending',
    WAYBILL_OUTBOX_RETENTION_SECONDS: '1728000',
  },
});

const deployment = readDeployment(
  [functionOf('billing', 'dev'), functionOf('mail', 'dev'), functionOf('billing', 'prod')],
  'dev',
);
const urlFor = (from: string | undefined) =>
  undeliverableQueueUrlOf(consumerNamed(deployment, 'billing'), deployment, from);

describe('the undeliverable queue of a consumer', () => {
  it('is its own queue, or one that belongs to no consumer any more', () => {
    expect(urlFor(undefined)).toBe(`${ACCOUNT}/dev-billing-undeliverable`);
    expect(urlFor(`${ACCOUNT}/dev-billing-undeliverable`)).toBe(`${ACCOUNT}/dev-billing-undeliverable`);
    expect(urlFor(`${ACCOUNT}/renamed-undeliverable`)).toBe(`${ACCOUNT}/renamed-undeliverable`);
  });

  it.each([
    [`${ACCOUNT}/dev-mail-undeliverable`, "the undeliverable queue of 'mail' (dev-mail)"],
    ['https://queue.amazonaws.com/111122223333/dev-mail-undeliverable', "the undeliverable queue of 'mail' (dev-mail)"],
    [`${ACCOUNT}/dev-billing.fifo`, "the queue of 'billing' (dev-billing)"],
    [`${ACCOUNT}/dev-billing-dead.fifo`, "the dead-letter queue of 'billing' (dev-billing)"],
    [`${ACCOUNT}/prod-billing-undeliverable`, "the undeliverable queue of 'billing' (prod-billing)"],
  ])('cannot be %s, because its messages are for others', (from, what) => {
    expect(() => urlFor(from)).toThrow(
      expect.objectContaining({
        code: 'QUEUE_MISTAKEN',
        message: `${from} is ${what}, not an undeliverable queue of 'billing': its messages would be lost for their own consumer; pass a former undeliverable queue of 'billing', or omit --from`,
      }),
    );
  });

  it('asks for a deployment or a queue name if an older version deployed the function', () => {
    const older = { ...functionOf('billing', 'dev') };
    const { WAYBILL_UNDELIVERABLE_QUEUE_URL: _, ...variables } = older.variables;
    const found = readDeployment([{ ...older, variables }]);

    expect(() => undeliverableQueueUrlOf(consumerNamed(found, 'billing'), found, undefined)).toThrow(
      'dev-billing lacks WAYBILL_UNDELIVERABLE_QUEUE_URL: deploy the stacks again with this version, or pass the queue with --from',
    );
  });
});
