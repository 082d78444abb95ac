import { describe, expect, it } from 'vitest';
import type { CloudEvent } from '../../../lib/definitions/index.ts';
import { createLinks, LINKS_TABLE, parseLinkItem } from '../../../lib/links/index.ts';
import { createHarness } from '../../../lib/testing/index.ts';

/** As a release wrote them that stored neither times, events nor a format. */
const OLD_LINK = {
  source: 'bank/account/held',
  toTarget: 'aggregate_root/bank/deposit/7',
  target: 'bank/deposit/7',
  fromSource: 'aggregate_root/bank/account/held',
  typeShard: 'aggregate_root~0',
  ends: 'bank/account/held bank/deposit/7',
  metadata: '{"amount":1}',
};
const OLD_ROOT = { source: 'root of bank/deposit/7', toTarget: 'root', root: 'bank/account/held' };

const LINK = {
  source: { module: 'bank', type: 'account', id: 'held' },
  target: { module: 'bank', type: 'deposit', id: '7' },
  type: 'aggregate_root' as const,
};

const BY = { source: '/bank', id: 'e-1', type: 'com.example.account.deposited' };
const CAUSE: CloudEvent = {
  specversion: '1.0',
  ...BY,
  time: '2026-11-20T05:59:59.000Z',
  datacontenttype: 'application/json',
  dataschema: 'urn:waybill:schema:com.example.account.deposited:1',
  data: {},
  partitionkey: 'account#held',
  sequence: '000000000000001',
  correlationid: 'request-1',
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  hops: 0,
};

function createRig() {
  const bank = createHarness({ tables: { links: LINKS_TABLE }, startsAt: '2026-11-20T06:00:00Z' });
  return { bank, links: createLinks({ table: bank.table('links', parseLinkItem) }) };
}

describe('items of the link table', () => {
  it('store the link, when and by which event it was created and changed, and the format', async () => {
    const { bank, links } = createRig();
    await bank.outbox.transact((tx) => links.within(tx).create({ ...LINK, metadata: { amount: 1 } }), { cause: CAUSE });
    bank.advance(1_000);
    await bank.outbox.transact((tx) => links.within(tx).setMetadata(LINK, { b: 1, a: 2 }));

    expect(bank.items('links')).toStrictEqual([
      {
        ...OLD_LINK,
        format: 1,
        metadata: '{"a":2,"b":1}',
        created: { at: '2026-11-20T06:00:00.000Z', by: BY },
        changed: { at: '2026-11-20T06:00:01.000Z' },
      },
      { ...OLD_ROOT, format: 1 },
    ]);
  });

  it('name no person, whoever causes the change', async () => {
    const { bank, links } = createRig();
    const principal = { type: 'app_user', id: 'user-7' };
    await bank.outbox.transact((tx) => links.within(tx).create({ ...LINK, metadata: {} }), { principal });
    await bank.outbox.transact((tx) => links.within(tx).setMetadata(LINK, { b: 1 }), { principal });

    expect(bank.items('links')).toMatchObject([{ created: {}, changed: {} }, OLD_ROOT]);
    expect(JSON.stringify(bank.items('links'))).not.toContain('user-7');
  });

  it('are read and changed if an older release wrote them', async () => {
    const { bank, links } = createRig();
    await bank.given({ items: { links: [OLD_LINK, OLD_ROOT] } });
    const old = {
      ...LINK,
      metadata: { amount: 1 },
      createdAt: undefined,
      createdBy: undefined,
      changedAt: undefined,
      changedBy: undefined,
    };
    expect((await links.findByTarget(LINK.target)).items).toStrictEqual([old]);

    await bank.outbox.transact((tx) => links.within(tx).create(LINK), { cause: CAUSE });
    expect(bank.items('links')).toStrictEqual([OLD_LINK, OLD_ROOT]);

    await bank.outbox.transact((tx) => links.within(tx).setMetadata(LINK, { amount: 2 }), { cause: CAUSE });
    expect(await links.get(LINK)).toStrictEqual({
      ...old,
      metadata: { amount: 2 },
      changedAt: '2026-11-20T06:00:00.000Z',
      changedBy: BY,
    });

    await bank.outbox.transact((tx) => links.within(tx).deleteAllFrom(LINK.source));
    expect(bank.items('links')).toStrictEqual([]);
  });

  it.each([
    [{ toTarget: 'owns/bank/deposit/7' }, "toTarget must begin with a link type, got 'owns/bank/deposit/7'"],
    [{ target: 'deposit 7' }, "target must be 'module/type/id', got 'deposit 7'"],
    [{ root: 7 }, "root must be 'module/type/id', got 7"],
    [{ metadata: '{"payer":"ada' }, 'metadata must be JSON, got 13 characters'],
    [{ created: 'yesterday' }, 'created.at must be a time by RFC 3339, got undefined'],
    [{ created: { at: '2026-11-20' } }, "created.at must be a time by RFC 3339, got '2026-11-20'"],
    [
      { created: { at: '2026-11-20T06:00:00.000Z', by: 'e-1' } },
      "created.by must be { source, id, type } of an event, got 'e-1'",
    ],
    [{ changed: null }, 'changed.at must be a time by RFC 3339, got undefined'],
    [
      { changed: { at: '2026-11-20T06:00:00.000Z', by: { source: '/bank', id: 7 } } },
      'changed.by must be { source, id, type } of an event, got an object',
    ],
  ])('are refused if they are malformed: %j', (wrong, problem) => {
    expect(() => parseLinkItem({ ...OLD_LINK, ...wrong })).toThrow(
      expect.objectContaining({
        code: 'LINK_ITEM_UNREADABLE',
        message: `an item of the link table cannot be read: ${problem}`,
      }),
    );
  });

  it.each([
    [OLD_LINK, "link item 'bank/account/held', 'aggregate_root/bank/deposit/7'"],
    [OLD_ROOT, "link item 'root of bank/deposit/7', 'root'"],
  ])('are refused if a newer release wrote them: %#', (item, what) => {
    expect(() => parseLinkItem({ ...item, format: 2 })).toThrow(
      expect.objectContaining({
        code: 'STORED_FORMAT_UNKNOWN',
        message: expect.stringMatching(new RegExp(`^${what} is stored in format 2, `)),
      }),
    );
  });
});
