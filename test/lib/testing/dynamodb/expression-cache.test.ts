import { describe, expect, it } from 'vitest';
import { cacheExpressions, type ParseExpression } from '../../../../lib/testing/dynamodb/expression-cache.ts';

/** `#a = :b`, as dynalite's parsers give it: names replaced, values in place, what is used deleted from `unused…`. */
function createParser() {
  const texts: string[] = [];
  const parse: ParseExpression<unknown> = (text, context) => {
    texts.push(text);
    const [name = '', , value = ''] = text.split(' ');
    delete context.unusedAttrNames[name];
    delete context.unusedAttrVals[value];
    return { expression: { type: '=', args: [[context.attrNames?.[name]], context.attrVals?.[value]] } };
  };
  return { texts, parse: cacheExpressions(parse) };
}

const contextOf = (attrNames: Record<string, string>, attrVals: Record<string, { S: string } | { N: string }>) => ({
  attrNames,
  attrVals,
  unusedAttrNames: { ...attrNames },
  unusedAttrVals: { ...attrVals },
  isReserved: () => false,
});

describe('a cached expression', () => {
  it('is parsed once, and uses the values of each request', () => {
    const { texts, parse } = createParser();
    const first = { S: 'one' };
    const second = { S: 'two' };

    const before = parse('#a = :b', contextOf({ '#a': 'name' }, { ':b': first }));
    const after = parse('#a = :b', contextOf({ '#a': 'name' }, { ':b': second }));

    expect(texts).toStrictEqual(['#a = :b']);
    expect(before).toStrictEqual({ expression: { type: '=', args: [['name'], { S: 'one' }] } });
    expect(after).toStrictEqual({ expression: { type: '=', args: [['name'], { S: 'two' }] } });
  });

  it('still reports unused placeholders', () => {
    const { parse } = createParser();
    const request = () => contextOf({ '#a': 'name', '#c': 'other' }, { ':b': { S: 'one' }, ':d': { N: '1' } });

    parse('#a = :b', request());
    const context = request();
    parse('#a = :b', context);

    expect(context.unusedAttrNames).toStrictEqual({ '#c': 'other' });
    expect(context.unusedAttrVals).toStrictEqual({ ':d': { N: '1' } });
  });

  it.each([
    ['names', { '#a': 'another' }, { ':b': { S: 'one' } }],
    ['types of values', { '#a': 'name' }, { ':b': { N: '1' } }],
  ] as const)('is parsed again for other %s', (_, names, values) => {
    const { texts, parse } = createParser();

    parse('#a = :b', contextOf({ '#a': 'name' }, { ':b': { S: 'one' } }));
    parse('#a = :b', contextOf(names, values));

    expect(texts).toHaveLength(2);
  });

  it.each(['#a BETWEEN :b', 'attribute_type(#a, :b)'])('is parsed each time if it depends on values: %s', (text) => {
    const { texts, parse } = createParser();
    const context = () => contextOf({ '#a': 'name' }, { ':b': { S: 'one' } });

    parse(text, context());
    parse(text, context());

    expect(texts).toHaveLength(2);
  });

  it('returns a separate expression to each request', () => {
    const { parse } = createParser();
    const request = () => contextOf({ '#a': 'name' }, { ':b': { S: 'one' } });

    const first = parse('#a = :b', request()) as { expression: { args: unknown[] } };
    first.expression.args.length = 0;

    expect(parse('#a = :b', request())).toStrictEqual({ expression: { type: '=', args: [['name'], { S: 'one' }] } });
  });

  it('shares the parts that contain no value', () => {
    const { parse } = createParser();
    const request = () => contextOf({ '#a': 'name' }, { ':b': { S: 'one' } });
    const pathOf = (parsed: unknown) => (parsed as { expression: { args: unknown[] } }).expression.args[0];

    expect(pathOf(parse('#a = :b', request()))).toBe(pathOf(parse('#a = :b', request())));
  });
});
