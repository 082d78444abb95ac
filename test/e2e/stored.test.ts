import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type LambdaClient,
  ListEventSourceMappingsCommand,
  UpdateEventSourceMappingCommand,
} from '@aws-sdk/client-lambda';
import { StartMessageMoveTaskCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseLinkItem } from '../../lib/links/index.ts';
import { unmarshallItem } from '../../lib/shared/marshalling.ts';
import { restoreSnapshot, type Snapshot, withCompressedEvents } from './stored/snapshot.ts';
import { type StoredRun, startStored } from './stored/stored-run.ts';

const RECORDING = join(import.meta.dirname, 'stored/recordings/format-1.json');

const ACCOUNTS = ['done', 'held', 'skipped', 'while-rebuilding', 'retrying', 'dying', 'queued', 'unpublished'];

const RELAY = 'StoredHub/Hub/Relay/Function/Resource';

/** What the recording has stored, and the same by a producer that compresses its events. */
const FORMS: readonly (readonly [string, (recorded: Snapshot) => Snapshot])[] = [
  ['that an earlier release stored', (recorded) => recorded],
  ['that a producer stored with compressed events', withCompressedEvents],
];

describe.each(FORMS)('data %s', (_, change) => {
  let snapshot: Snapshot;
  let stored: StoredRun;

  beforeAll(async () => {
    snapshot = change(JSON.parse(readFileSync(RECORDING, 'utf8')));
    stored = await startStored(Date.parse(snapshot.takenAt));
    // nothing of the log goes through the relay a second time, until it is told to
    await setRelay(stored.clients.lambda, false);
    await restoreSnapshot(stored, snapshot);
    await stored.mend();
  });

  afterAll(() => stored?.[Symbol.asyncDispose]());

  const functionAt = (path: string) =>
    stored.run.deployment.functions.find(({ constructPath }) => constructPath === path)?.functionName ?? '';

  async function setRelay(lambda: LambdaClient, Enabled: boolean): Promise<void> {
    const { EventSourceMappings = [] } = await lambda.send(
      new ListEventSourceMappingsCommand({ FunctionName: functionAt(RELAY) }),
    );
    for (const { UUID } of EventSourceMappings)
      await lambda.send(new UpdateEventSourceMappingCommand({ UUID, Enabled }));
  }

  /** Ids of the account's deposits in the order of their sequences, as the recording has them. */
  const recorded = (accountId: string): readonly (string | undefined)[] =>
    (snapshot.tables['StoredHub/Hub/Outbox/Resource'] ?? [])
      .filter((item) => item['partitionkey']?.S === `account#${accountId}` && item['source']?.S === '/bank')
      .toSorted((a, b) => Number(a['sequence']?.N) - Number(b['sequence']?.N))
      .map((item) => item['id']?.S);

  const showSaga = async (tripId: string) =>
    JSON.parse((await stored.waybill('sagas', 'show', 'trips', tripId, '--json')).out);

  const snapshotLinks = () => snapshot.tables['Stored/Links/Table/Resource'] ?? [];

  it('is shown to operators: dead letters and retried messages', async () => {
    const { out } = await stored.waybill('held', '--json');

    expect(JSON.parse(out).held).toMatchObject([
      { group: 'account#held', sequence: 1, state: 'dead', attempts: 3, reason: { message: 'the account is locked' } },
      { group: 'account#retrying', sequence: 1, state: 'retrying', attempts: 1 },
    ]);
  });

  it('is processed further: messages in queues and stream records are handled, each once and in order', async () => {
    await stored.invoke(functionAt(RELAY), snapshot.relayBatch);
    await stored.settle();

    for (const accountId of ['done', 'retrying', 'dying', 'queued', 'unpublished', 'while-rebuilding']) {
      expect(await stored.journal(accountId)).toStrictEqual(recorded(accountId));
    }
    expect(await stored.journal('held')).toStrictEqual([]);
    expect(await stored.journal('skipped')).toStrictEqual(recorded('skipped').slice(1));
    const pending = await stored.scan(stored.tableAt('StoredHub/Hub/Pending/Resource'));
    expect(pending.filter((marker) => marker['partitionkey']?.S === 'account#unpublished')).toStrictEqual([]);
  });

  it('can be redriven: a dead letter is handled, and so are the events that it held', async () => {
    const { arn: SourceArn } = stored.queueAt('Stored/Accounts/DeadLetterQueue/Resource');
    const { arn: DestinationArn } = stored.queueAt('Stored/Accounts/Queue/Resource');
    await stored.clients.sqs.send(new StartMessageMoveTaskCommand({ SourceArn, DestinationArn }));
    await stored.settle();

    expect(await stored.journal('held')).toStrictEqual(recorded('held'));
    expect(await stored.journal('skipped')).toStrictEqual(recorded('skipped').slice(1));
    expect(JSON.parse((await stored.waybill('held', '--json')).out).held).toStrictEqual([]);
  });

  it('is deduplicated if the relay publishes the whole log again: no effect is repeated', async () => {
    const before = await stored.effects();
    await setRelay(stored.clients.lambda, true);
    await stored.settle();

    expect(await stored.effects()).toStrictEqual(before);
    expect(new Set(Object.values(before))).toStrictEqual(new Set([1]));
  });

  it('keeps sagas running: one times out, one is retried, one stays completed', async () => {
    await stored.advance(660);
    const retried = await stored.waybill('sagas', 'retry', 'trips', 'stuck');
    await stored.run.settled();

    expect(await showSaga('waiting')).toMatchObject({
      status: 'compensated',
      failure: { kind: 'timeout', step: 'room' },
    });
    expect(retried.out).toContain("asked 'trips' to try the compensation of 'stuck' again");
    expect(await showSaga('stuck')).toMatchObject({
      status: 'compensating',
      failure: { kind: 'refused', step: 'room' },
    });
    expect(await showSaga('free')).toMatchObject({ status: 'completed', data: { tripId: 'free', seat: '12A' } });
  });

  it('can be rebuilt to the end: the running rebuild switches, and the view has every deposit once', async () => {
    const { status, out } = await stored.waybill('rebuild', 'balances', '--json');

    const view = await stored.scan(stored.output('ViewTableName'));
    const totals = Object.fromEntries(view.map((item) => [item['accountId']?.S, Number(item['total']?.N)]));
    expect({ status, job: JSON.parse(out).job }).toMatchObject({
      status: 0,
      job: { generation: 2, phase: 'done', outcome: 'switched' },
    });
    expect(totals).toStrictEqual(
      Object.fromEntries(ACCOUNTS.map((accountId) => [`2#${accountId}`, recorded(accountId).length])),
    );
  });

  it('includes links, and new links can be added', async () => {
    const links = await stored.scan(stored.output('LinksTableName'));

    const targets = links.flatMap((item) => (item['root'] === undefined ? [item['target']?.S] : []));
    expect(new Set(targets)).toStrictEqual(new Set(ACCOUNTS.flatMap(recorded).map((id) => `bank/deposit/${id}`)));
    expect(targets).toHaveLength(new Set(targets).size);
    const recordedTargets = snapshotLinks().map((item) => item['target']?.S);
    const found = links.map((item) => parseLinkItem(unmarshallItem(item)));
    const withoutOrigin = found.filter((item) => item.kind === 'link' && item.link.createdAt === undefined);
    expect(withoutOrigin).toHaveLength(recordedTargets.filter((target) => target !== undefined).length);
    const added = found.flatMap((item) =>
      item.kind === 'link' && item.link.createdAt !== undefined ? [item.link] : [],
    );
    expect(added.length).toBeGreaterThan(0);
    for (const { target, createdBy } of added) {
      expect(createdBy).toStrictEqual({ source: '/bank', id: target.id, type: 'com.example.account.deposited' });
    }
  });

  it('is continued: the next event of each group has the next sequence', async () => {
    for (const accountId of ['done', 'held', 'unpublished']) await stored.deposit(accountId, 'handle');
    await stored.settle();

    for (const accountId of ['done', 'held', 'unpublished']) {
      const journal = await stored.journal(accountId);
      expect(journal.slice(0, -1)).toStrictEqual(recorded(accountId));
      expect(journal).toHaveLength(recorded(accountId).length + 1);
    }
  });
});
