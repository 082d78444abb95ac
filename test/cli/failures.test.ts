import { describe, expect, it } from 'vitest';
import { type FailuresOptions, failures } from '../../cli/commands/failures.ts';
import { noteOf } from '../lib/operations/rig.ts';
import { createOperation, type OperationOptions } from './operation-under-test.ts';

const COUNT: FailuresOptions = {
  consumer: 'billing',
  mode: 'count',
  subject: '',
  filter: { fingerprint: undefined, type: undefined, tenantId: undefined, state: undefined },
  olderThanMs: undefined,
  limit: 100,
};

/** Three events that fail, two for the same reason, since a minute and a half. */
async function createFailing(options: OperationOptions = {}) {
  const under = createOperation(options);
  for (const [account, message] of [
    ['7', "card '12' refused"],
    ['8', "card '13' refused"],
    ['9', 'gateway away'],
  ] as const) {
    const [id = ''] = await under.rig.deposit(account);
    const event = {
      source: '/accounts',
      type: 'com.example.account.deposited',
      group: `account#${account}`,
      sequence: 1,
    };
    await under.rig.notes.record({ ...noteOf(id, message), event, holdsGroup: false });
  }
  under.rig.clock.advance(90_000);
  return under;
}

describe('failures', () => {
  it('counts by fingerprint', async () => {
    const { operation, out } = await createFailing();

    expect(await failures(COUNT, operation)).toBe(0);

    expect(out).toStrictEqual([
      'FINGERPRINT   CONSUMER  COUNT  DEAD  RETRYING  DEFERRED  BEHIND  FIRST  LAST   TYPE                           THROWN AT                      ERROR',
      "48d9d94b4f8c  billing   2      2     0         0         0       1 min  1 min  com.example.account.deposited  functions/billing/charge.ts:7  Error: card '…' refused",
      '08ee1d34222d  billing   1      1     0         0         0       1 min  1 min  com.example.account.deposited  functions/billing/charge.ts:7  Error: gateway away',
    ]);
  });

  it('lists the events of a fingerprint, up to a limit', async () => {
    const { operation, out, notes } = await createFailing();
    const filter = { ...COUNT.filter, fingerprint: '48d9d94b4f8c' };

    await failures({ ...COUNT, mode: 'list', filter }, operation);
    await failures({ ...COUNT, mode: 'list', filter, limit: 1 }, operation);

    expect(out.slice(0, 3)).toStrictEqual([
      'CONSUMER  EVENT    TYPE                           GROUP      SEQUENCE  STATE  ATTEMPTS  BEHIND  FIRST  LAST   CODE',
      'billing   event-1  com.example.account.deposited  account#7  1         dead   5         0       1 min  1 min  Error',
      'billing   event-3  com.example.account.deposited  account#8  1         dead   5         0       1 min  1 min  Error',
    ]);
    expect(out.slice(3)).toHaveLength(2);
    expect(notes).toStrictEqual(['more than 1 match: see them with --limit, or count them without --each']);
  });

  it('lists of every consumer, or says that there are none', async () => {
    const { operation, out } = await createFailing();

    await failures({ ...COUNT, mode: 'list', consumer: undefined }, operation);
    expect(out).toHaveLength(7);
    out.length = 0;
    await failures({ ...COUNT, olderThanMs: 91_000 }, operation);
    await failures({ ...COUNT, mode: 'list', filter: { ...COUNT.filter, type: 'other' } }, operation);

    expect(out).toStrictEqual(['no event fails', 'no event fails like this']);
  });

  it('answers one line of JSON', async () => {
    const { operation, out } = await createFailing({ json: true });

    await failures(COUNT, operation);
    await failures({ ...COUNT, mode: 'list', limit: 2 }, operation);

    const [counted, listed] = out.map((line) => JSON.parse(line));
    expect(counted).toMatchObject({
      environment: 'dev',
      failures: [
        { fingerprint: '48d9d94b4f8c', count: 2, states: { dead: 2 }, firstAt: '2026-11-20T06:00:00.000Z' },
        { count: 1 },
      ],
    });
    expect(listed).toMatchObject({ environment: 'dev', more: true, failures: [{ subject: 'event-1' }, {}] });
  });

  it('writes one line of JSON for each entry with jsonl, and the other facts to stderr', async () => {
    const { operation, out, notes } = await createFailing({ json: true, output: 'jsonl' });

    await failures({ ...COUNT, mode: 'list', limit: 2 }, operation);

    expect(out.map((line) => JSON.parse(line).subject)).toStrictEqual(['event-1', 'event-3']);
    expect(notes).toStrictEqual(['{"environment":"dev","more":true}']);
  });

  it('shows the note of an event, and where the event is', async () => {
    const { operation, out } = await createFailing();

    expect(await failures({ ...COUNT, mode: 'show', subject: 'event-1' }, operation)).toBe(0);

    expect(out).toStrictEqual([
      'consumer     billing',
      'state        dead, 5 attempts',
      'failed       first 2026-11-20 06:00:00Z (1 min ago), last 2026-11-20 06:00:00Z',
      "error        Error: card '12' refused",
      'thrown at    functions/billing/charge.ts:7',
      'fingerprint  48d9d94b4f8c',
      '',
      'data',
      '{',
      '  "accountId": "7",',
      '  "amount": 1',
      '}',
      '',
      'event      event-1, 1 of group account#7',
      'type       com.example.account.deposited from /accounts',
      'committed  2026-11-20 06:00:00Z, 1 min ago',
      'outbox     published',
      '',
      expect.stringMatching(/^billing {4}/),
      expect.stringMatching(/^mail {7}dead after 5 attempts/),
    ]);
  });

  it('masks the members of the data that are sensitive', async () => {
    const { operation, out } = await createFailing({ json: true });
    const find: typeof operation.log.find = async (place) => {
      const event = await operation.log.find(place);
      return event && { ...event, body: JSON.stringify({ ...JSON.parse(event.body), sensitivemembers: '/accountId' }) };
    };

    await failures({ ...COUNT, mode: 'show', subject: 'event-1' }, { ...operation, log: { ...operation.log, find } });

    expect(JSON.parse(out.join(''))).toMatchObject({ data: { accountId: '(masked)', amount: 1 } });
  });

  it('shows what became of an event that failed before', async () => {
    const { operation, out, rig } = await createFailing();
    await rig.notes.resolve('event-1');

    await failures({ ...COUNT, mode: 'show', subject: 'event-1' }, operation);
    await failures(COUNT, operation);

    expect(out[1]).toBe('state        handled or skipped at 2026-11-20 06:01:30Z, 5 attempts');
    expect(out.at(-2)).toMatch(/ 1 +1 +0 +0 +0 +1 min/);
  });

  it('says where to look for an event that has not failed', async () => {
    const { operation, out, notes } = await createFailing();

    expect(await failures({ ...COUNT, mode: 'show', subject: 'event-9' }, operation)).toBe(1);

    expect(out).toStrictEqual([]);
    expect(notes).toStrictEqual([
      "no consumer has noted a failure of 'event-9': see where, or failures list --each for what fails",
    ]);
  });
});
