import { describe, expect, it } from 'vitest';
import { type PageKey, type PageOwner, readPageToken, writePageToken } from '../../../lib/tenancy/page-token.ts';

const OWNER: PageOwner = {
  tableName: 'visits',
  indexName: undefined,
  partition: 'acme#ann',
  sortBeginsWith: undefined,
  sortFrom: undefined,
  sortTo: undefined,
  newestFirst: false,
};

const KEY: PageKey = {
  attributes: [
    { name: 'customer', type: 'S' },
    { name: 'day', type: 'N' },
  ],
  isReached: () => true,
};

const PLACE = { customer: { S: 'ann' }, day: { N: '-1.5E+3' } };

const read = (token: string, { owner = OWNER, key = KEY } = {}) => readPageToken(owner, token, key);

const tokenOf = (...content: readonly unknown[]) => Buffer.from(JSON.stringify(content)).toString('base64url');

/** The stamp of a token that is right. */
const stampOf = (owner: PageOwner): unknown =>
  JSON.parse(Buffer.from(writePageToken(owner, PLACE), 'base64url').toString())[0];

const REFUSED = expect.objectContaining({ code: 'TENANT_PAGE_INVALID' });

describe('a page token', () => {
  it('returns the key after which the page starts', () => {
    expect(read(writePageToken(OWNER, PLACE))).toStrictEqual(PLACE);
  });

  it.each([
    { tableName: 'orders' },
    { indexName: 'byDay' },
    { partition: 'globex#ann' },
    { sortBeginsWith: '2026' },
    { sortFrom: 1 },
    { sortTo: 1 },
    { newestFirst: true },
  ])('is valid only for its own query, not with %j', (other) => {
    const owner = { ...OWNER, ...other };

    expect(() => read(writePageToken(OWNER, PLACE), { owner })).toThrow(REFUSED);
    expect(() => read(writePageToken(owner, PLACE))).toThrow(REFUSED);
    expect(read(writePageToken(owner, PLACE), { owner })).toStrictEqual(PLACE);
  });

  it('distinguishes a range without an upper bound from one without a lower bound', () => {
    const token = writePageToken({ ...OWNER, sortFrom: 1 }, PLACE);

    expect(() => read(token, { owner: { ...OWNER, sortTo: 1 } })).toThrow(REFUSED);
  });

  it.each([
    ['text that is no JSON', 'xyz'],
    ['no text', 7 as unknown as string],
    ['an object', Buffer.from('{}').toString('base64url')],
    ['a stamp without a key', tokenOf(stampOf(OWNER))],
    ['a key without a stamp', tokenOf(undefined, PLACE)],
    ['a key that is nothing', tokenOf(stampOf(OWNER), null)],
    ['a key that is a text', tokenOf(stampOf(OWNER), 'ab')],
    ['a key with too little', tokenOf(stampOf(OWNER), { customer: { S: 'ann' } })],
    ['a key with too much', tokenOf(stampOf(OWNER), { ...PLACE, more: { S: 'x' } })],
    ['a key of other attributes', tokenOf(stampOf(OWNER), { customer: { S: 'ann' }, hour: { N: '1' } })],
    ['a number in place of a text', tokenOf(stampOf(OWNER), { ...PLACE, customer: { N: '1' } })],
    ['a text in place of a number', tokenOf(stampOf(OWNER), { ...PLACE, day: { S: '1' } })],
    ['an empty text', tokenOf(stampOf(OWNER), { ...PLACE, customer: { S: '' } })],
    ['a number that is none', tokenOf(stampOf(OWNER), { ...PLACE, day: { N: '1e' } })],
    ['a number with more behind it', tokenOf(stampOf(OWNER), { ...PLACE, day: { N: '1 ' } })],
    ['a number with more before it', tokenOf(stampOf(OWNER), { ...PLACE, day: { N: ' 1' } })],
    ['a number that is not sent as text', tokenOf(stampOf(OWNER), { ...PLACE, day: { N: 1 } })],
    ['two values in one', tokenOf(stampOf(OWNER), { ...PLACE, day: { N: '1', S: '1' } })],
    ['a value that is nothing', tokenOf(stampOf(OWNER), { ...PLACE, day: null })],
  ])('is refused if it is %s', (_, token) => {
    expect(() => read(token)).toThrow(REFUSED);
  });

  it('is refused if its key is outside the query', () => {
    const key = { ...KEY, isReached: ({ day }: { readonly day?: { readonly N?: string } }) => day?.N === '1' };

    expect(() => read(writePageToken(OWNER, PLACE), { key: key as PageKey })).toThrow(REFUSED);
  });

  it.each(['0', '12', '-7', '1.5', '1E-7', '3e+2'])('accepts the number %s', (N) => {
    const place = { ...PLACE, day: { N } };

    expect(read(writePageToken(OWNER, place))).toStrictEqual(place);
  });
});
