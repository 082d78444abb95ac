import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { findTypeMismatch } from '../../../lib/outbox/type-mismatch.ts';

const VALUES: Readonly<Record<string, readonly [AttributeValue, string]>> = {
  text: [{ S: 'a' }, 'a text'],
  number: [{ N: '1' }, 'a number'],
  bytes: [{ B: new Uint8Array(1) }, 'bytes'],
  flag: [{ BOOL: true }, 'true or false'],
  map: [{ M: {} }, 'a map'],
  list: [{ L: [] }, 'a list'],
  texts: [{ SS: ['a'] }, 'a set of texts'],
  numbers: [{ NS: ['1'] }, 'a set of numbers'],
  byteSets: [{ BS: [new Uint8Array(1)] }, 'a set of bytes'],
};
const ITEM = Object.fromEntries(Object.entries(VALUES).map(([name, [value]]) => [name, value]));
const GIVEN = Object.fromEntries(Object.entries(ITEM).map(([name, value]) => [`:${name}`, value]));

const ask = (condition: string | undefined, item: typeof ITEM | undefined = ITEM) =>
  findTypeMismatch(
    { action: 'Put', tableName: 't', target: {}, condition, names: { '#list': 'text' }, values: GIVEN },
    item,
  );

describe('a condition that compares values of different types', () => {
  it.each(Object.entries(VALUES))('names both types: a stored %s', (name, [, type]) => {
    const given = name === 'text' ? ':number' : ':text';

    expect(ask(`${name} = ${given}`)).toBe(`'${name}' is ${type}, and ${given} is ${VALUES[given.slice(1)]?.[1]}`);
  });

  it.each([
    ['number > :text', "'number' is a number, and :text is a text"],
    [':text <= number', "'number' is a number, and :text is a text"],
    ['#list = :number', "'text' is a text, and :number is a number"],
    ['number = :number AND text = :number', "'text' is a text, and :number is a number"],
    [':text = :number AND text = :number', "'text' is a text, and :number is a number"],
    ['text = number AND text = :number', "'text' is a text, and :number is a number"],
  ])('is found whichever way it is written: %s', (condition, expected) => {
    expect(ask(condition)).toBe(expected);
  });

  it.each([
    ['number = :number'],
    ['absent = :number'],
    ['text = :absent'],
    ['#unnamed = :number'],
    ['attribute_exists(text)'],
    [undefined],
  ])('is none: %s', (condition) => {
    expect(ask(condition)).toBeUndefined();
  });

  it('is none where there is no item', () => {
    expect(
      findTypeMismatch(
        { action: 'Put', tableName: 't', target: {}, condition: 'text = :number', names: {}, values: GIVEN },
        undefined,
      ),
    ).toBeUndefined();
  });
});
