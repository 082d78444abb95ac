import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boundedText } from '../../../lib/shared/bounded-text.ts';
import { describeThrown, loggable, thrownAt } from '../../../lib/shared/thrown.ts';
import { ODDLY_THROWN, untouchable } from '../../fixtures/thrown.ts';

const bytesOf = (text: string) => Buffer.byteLength(text);

type Create = () => unknown;

/** Anything at all, and errors whose members are anything at all; made late, since fast-check looks at what it generates. */
const thrownValues = (): fc.Arbitrary<Create> => {
  const anything = fc
    .anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withNullPrototype: true,
      withSet: true,
      withSparseArray: true,
      withTypedArray: true,
    })
    .map(
      (value): Create =>
        () =>
          value,
    );
  const long = fc.string({ unit: 'binary', maxLength: 3_000 }).map(
    (text): Create =>
      () =>
        text,
  );
  const oddMember = fc.constantFrom<Create>(
    () => '',
    () => '\ud83d',
    () => 'é'.repeat(600),
    () => `${'x'.repeat(9_000)}\n`.repeat(9),
    untouchable,
  );
  const member = fc.oneof(anything, long, oddMember);
  const members = fc.record(
    { name: member, message: member, stack: member, code: member, cause: member, errors: member, toJSON: member },
    { requiredKeys: [] },
  );
  const odd = fc.tuple(fc.boolean(), members).map(
    ([isNative, own]): Create =>
      () => {
        const thrown = isNative ? new Error('odd') : Object.create(null);
        for (const [name, create] of Object.entries(own)) {
          Object.defineProperty(thrown, name, { value: create(), enumerable: true });
        }
        return thrown;
      },
  );
  return fc.oneof(anything, odd, fc.constantFrom(...Object.values(ODDLY_THROWN)));
};

describe('the description of a thrown value', () => {
  it('is a bounded string that DynamoDB accepts, for any thrown value', () => {
    fc.assert(
      fc.property(thrownValues(), (create) => {
        const told = describeThrown(create());

        expect(Object.keys(told)).toStrictEqual(['name', 'code', 'message', 'stackHead']);
        expect(bytesOf(told.name)).toBeLessThanOrEqual(100);
        expect(bytesOf(told.code)).toBeLessThanOrEqual(100);
        expect(bytesOf(told.message)).toBeLessThanOrEqual(500);
        expect(bytesOf(told.stackHead)).toBeLessThanOrEqual(2_000);
        expect(told.code).not.toBe('');
        // survives the wire of DynamoDB, and of a log: no half of a surrogate pair
        expect(unmarshall(marshall(told))).toStrictEqual(told);
        expect(Object.values(told).every((text) => text.isWellFormed())).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  it('is JSON of at most 40,000 bytes in a log, for any thrown value', () => {
    fc.assert(
      fc.property(thrownValues(), (create) => {
        const told = loggable(create());

        expect(JSON.parse(JSON.stringify(told))).toStrictEqual(told);
        expect(bytesOf(JSON.stringify(told))).toBeLessThanOrEqual(40_000);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ['a string', 'CARD_DECLINED', 'Error', 'CARD_DECLINED'],
    ['undefined', undefined, 'Error', 'undefined was thrown'],
    ['null', null, 'Error', 'null was thrown'],
    ['a symbol', Symbol('odd'), 'Error', 'Symbol(odd) was thrown'],
    ['a bigint', 2n, 'Error', '2n was thrown'],
    ['an object', { code: 'CARD_DECLINED', message: 'no money' }, 'CARD_DECLINED', 'no money'],
    [
      'an object without a message',
      { statusCode: 500, body: 'jane@example.com' },
      'Error',
      'an object without a message was thrown, with members statusCode, body',
    ],
    [
      'an untouchable object',
      untouchable(),
      'Error',
      'an object without a message was thrown, with no members that can be read',
    ],
    ['an empty error', new Error(''), 'Error', 'the error has no message'],
    ['an object as message', Object.assign(new Error(), { message: { text: 'odd' } }), 'Error', "{ text: 'odd' }"],
    ['many errors', new AggregateError([new Error('one'), 'two']), 'AggregateError', 'one; two'],
    ['an error with a name', new TypeError('no'), 'TypeError', 'no'],
    ['an error with a code', Object.assign(new TypeError('no'), { code: 'ERR_X' }), 'ERR_X', 'no'],
    ['an error with a number as code', Object.assign(new TypeError('no'), { code: 14 }), 'TypeError', 'no'],
  ] as const)('of %s has its code and message', (_, thrown, code, message) => {
    expect(describeThrown(thrown)).toMatchObject({ code, message });
  });

  it('includes the errors of an AggregateError that contains itself', () => {
    const error = new AggregateError([]);
    error.errors.push(error, new Error('one'));

    expect(describeThrown(error).message).toBe('the error has no message; one');
  });

  it('includes the stack frames behind a message of 9,000 lines', () => {
    const error = new Error('a schema issue\n'.repeat(9_000));
    error.stack = `Error: ${error.message}\n    at charge (billing.ts:7:3)\n    at handle (billing.ts:3:1)`;

    expect(describeThrown(error).stackHead).toBe(
      'Error: a schema issue\n    at charge (billing.ts:7:3)\n    at handle (billing.ts:3:1)',
    );
  });

  it('includes the stack frames of the error, not those that its message quotes', () => {
    const error = new Error('failed:\nError: other\n    at other (other.ts:1:1)');
    error.stack = `Error: ${error.message}\n    at charge (billing.ts:7:3)`;

    expect(describeThrown(error).stackHead).toBe('Error: failed:\n    at charge (billing.ts:7:3)');
  });

  it('includes the place in the user’s code, even behind fifty frames of packages', () => {
    const error = new Error('deep, at f (/elsewhere/functions/quoted.ts:1:1)');
    const packages = Array.from({ length: 50 }, (_, n) => `    at f${n} (/app/node_modules/sdk/a.js:${n}:1)`);
    error.stack = [`Error: ${error.message}`, ...packages, '    at charge (/app/functions/billing.ts:7:3)'].join('\n');

    expect(thrownAt(error)).toBe('/app/functions/billing.ts:7');
    expect(loggable(error)).toMatchObject({ thrown_at: '/app/functions/billing.ts:7' });
  });

  it('includes the place in the user’s code from the cause if the error’s own stack has none', () => {
    const cause = new Error('no money');
    const error = new Error('wrapped', { cause });
    error.stack = 'Error: wrapped\n    at wrap (/app/node_modules/sdk/a.js:1:1)';
    cause.stack = 'Error: no money\n    at charge (/app/functions/billing.ts:7:3)';

    expect(thrownAt(error)).toBe('/app/functions/billing.ts:7');
  });

  it('includes no place if there is none, and never throws', () => {
    const circle = new Error('circle');
    circle.stack = 'Error: circle';
    circle.cause = circle;

    for (const thrown of ['text', undefined, circle, untouchable()]) expect(thrownAt(thrown)).toBeUndefined();
    expect(loggable('text')).not.toHaveProperty('thrown_at');
  });

  it('includes ten frames of a deep stack', () => {
    const error = new Error('deep');
    error.stack = ['Error: deep', ...Array.from({ length: 50 }, (_, n) => `    at f${n} (a.ts:${n}:1)`)].join('\n');

    expect(describeThrown(error).stackHead.split('\n')).toHaveLength(11);
  });
});

describe('an error in a log', () => {
  it('has name, code, message, stack, the request of AWS and three causes, and none of its own members', () => {
    const cause = (text: string, inner?: unknown) => Object.assign(new Error(text, { cause: inner }), { stack: '' });
    const error = Object.assign(cause('0', cause('1', cause('2', cause('3', cause('4'))))), {
      code: 'ODD',
      $metadata: { requestId: 'request-7', httpStatusCode: 400 },
      Item: { email: { S: 'jane@example.com' } },
    });

    expect(loggable(error)).toStrictEqual({
      name: 'Error',
      code: 'ODD',
      message: '0',
      stack: '',
      aws_request_id: 'request-7',
      cause: {
        name: 'Error',
        code: 'Error',
        message: '1',
        stack: '',
        cause: {
          name: 'Error',
          code: 'Error',
          message: '2',
          stack: '',
          cause: { name: 'Error', code: 'Error', message: '3', stack: '' },
        },
      },
    });
  });

  it('ends at a cycle of causes', () => {
    const error = new Error('a');
    error.cause = new Error('b', { cause: error });

    expect(loggable(error)).toMatchObject({ message: 'a', cause: { message: 'b' } });
    expect(loggable(error).cause?.cause).toBeUndefined();
  });
});

describe('a bounded string', () => {
  it.each([
    ['short', 5, 'short'],
    ['longer', 5, 'lo…'],
    ['éé', 4, 'éé'],
    ['ééé', 5, 'é…'],
    ['😀😀', 7, '😀…'],
    ['\ud83d', 10, '\ufffd'],
  ])('of %o in %i bytes is %o', (text, maxBytes, expected) => {
    expect(boundedText(text, maxBytes)).toBe(expected);
  });

  it('never exceeds its limit of bytes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 3, max: 40 }), (text, maxBytes) => {
        const bounded = boundedText(text, maxBytes);
        expect(bytesOf(bounded)).toBeLessThanOrEqual(maxBytes);
        if (bytesOf(text.toWellFormed()) <= maxBytes) expect(bounded).toBe(text.toWellFormed());
      }),
    );
  });
});
