import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BusEntry } from '../../../lib/outbox/event-record.ts';
import type { EventPublisher } from '../../../lib/outbox/relay/ports.ts';
import type { EpochMs } from '../../../lib/shared/time.ts';

export interface EventPublisherBench {
  readonly publisher: EventPublisher;
  /** Details that the bus has passed on so far, in no promised order. */
  delivered(): Promise<readonly string[]>;
  close(): Promise<void>;
}

const NEVER = new AbortController().signal;

const entryOf = (id: string, more: Partial<BusEntry> = {}): BusEntry => ({
  source: '/orders',
  detailType: 'com.example.order.placed',
  detail: `{"id":"${id}"}`,
  time: 1_700_000_000_123 as EpochMs,
  ...more,
});

const numbered = (prefix: string, count: number): BusEntry[] =>
  Array.from({ length: count }, (_, index) => entryOf(`${prefix}${index}`));

const refusedWith = (code: string) => ({ status: 'refused', failure: { code, message: expect.stringMatching(/./) } });

/** What every EventPublisher must do. */
export function describeEventPublisher(adapter: string, open: () => Promise<EventPublisherBench>): void {
  describe(`EventPublisher contract: ${adapter}`, () => {
    let bench: EventPublisherBench;
    beforeAll(async () => {
      bench = await open();
    });
    afterAll(() => bench.close());

    it('returns a separate id for every accepted entry and passes its detail on unchanged', async () => {
      const entries = [entryOf('first'), entryOf('second', { detail: '{"id":"second","amount":1.50,"name":"Ä€𝄞"}' })];

      const answer = await bench.publisher.publish(entries, NEVER);

      expect(answer).toEqual({
        status: 'answered',
        results: [
          { status: 'accepted', eventId: expect.stringMatching(/./) },
          { status: 'accepted', eventId: expect.stringMatching(/./) },
        ],
      });
      const ids = answer.status === 'answered' ? answer.results.map((result) => JSON.stringify(result)) : [];
      expect(new Set(ids).size).toBe(2);
      const delivered = await bench.delivered();
      expect(delivered).toContain('{"id":"first"}');
      expect(delivered).toContain('{"id":"second","amount":1.50,"name":"Ä€𝄞"}');
    });

    it('accepts ten entries in a request', async () => {
      const answer = await bench.publisher.publish(numbered('ten-', 10), NEVER);

      expect(answer).toMatchObject({
        status: 'answered',
        results: Array.from({ length: 10 }, () => ({ status: 'accepted' })),
      });
    });

    it('refuses a whole request with eleven entries', async () => {
      const answer = await bench.publisher.publish(numbered('eleven-', 11), NEVER);

      expect(answer).toMatchObject({ status: 'request-refused', failure: { code: 'ValidationException' } });
      expect((await bench.delivered()).filter((detail) => detail.includes('eleven-'))).toEqual([]);
    });

    it('refuses a whole request over 1 MB', async () => {
      const half = 'x'.repeat(524_288);
      const entries = [
        entryOf('large-1', { detail: `{"id":"large-1","text":"${half}"}` }),
        entryOf('large-2', { detail: `{"id":"large-2","text":"${half}"}` }),
      ];

      const answer = await bench.publisher.publish(entries, NEVER);

      expect(answer).toEqual({
        status: 'request-refused',
        failure: {
          code: 'ValidationException',
          message: 'Total size of the entries in the request is over the limit.',
        },
      });
      expect((await bench.delivered()).filter((detail) => detail.includes('large-'))).toEqual([]);
    });

    it('refuses only the entry if its detail is not a JSON object', async () => {
      const entries = [entryOf('before'), entryOf('bad', { detail: '{"id":' }), entryOf('after')];

      const answer = await bench.publisher.publish(entries, NEVER);

      expect(answer).toMatchObject({
        status: 'answered',
        results: [{ status: 'accepted' }, refusedWith('MalformedDetail'), { status: 'accepted' }],
      });
      expect(await bench.delivered()).toEqual(expect.arrayContaining(['{"id":"before"}', '{"id":"after"}']));
    });

    it.each([
      ['NotAuthorizedForSourceException', 'a source of AWS', { source: 'aws.ec2' }],
      ['InvalidArgument', 'an empty source', { source: '' }],
      ['InvalidArgument', 'a type of more than 128 characters', { detailType: 't'.repeat(129) }],
    ])('refuses with %s %s', async (code, _what, more) => {
      const answer = await bench.publisher.publish([entryOf('refused', more)], NEVER);

      expect(answer).toMatchObject({ status: 'answered', results: [refusedWith(code)] });
    });
  });
}
