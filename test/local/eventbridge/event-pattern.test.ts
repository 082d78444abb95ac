import { describe, expect, it } from 'vitest';
import { compileEventPattern } from '../../../local/eventbridge/pattern/event-pattern.ts';

const matches = (pattern: object, event: object) => compileEventPattern(JSON.stringify(pattern))(event);

/** Whether a matcher accepts the value of the one field of an event. */
const accepts = (matcher: unknown, value: unknown) => matches({ field: [matcher] }, { field: value });

const reasonFor = (pattern: string): unknown => {
  try {
    compileEventPattern(pattern);
  } catch (error) {
    return error;
  }
  return 'accepted';
};

describe('event pattern: values', () => {
  it.each([
    ['open', 'open', true],
    ['open', 'Open', false],
    ['', '', true],
    ['', null, false],
    ['5', 5, false],
    [5, 5, true],
    [300, 3.0e2, true],
    [true, true, true],
    [true, 'true', false],
    [false, null, false],
    [null, null, true],
    [null, '', false],
    ['open', ['closed', 'open'], true],
    ['open', ['closed'], false],
    ['open', { open: 'open' }, false],
    ['open', [], false],
    ['open', [['closed'], ['open']], true],
  ])('%j over %j: %s', (value, eventValue, expected) => {
    expect(accepts(value, eventValue)).toBe(expected);
  });

  it('matches any of several values, and all of several fields', () => {
    const pattern = { source: ['orders', 'payments'], detail: { state: ['paid'], total: [10] } };

    expect(matches(pattern, { source: 'payments', detail: { state: 'paid', total: 10, more: 1 } })).toBe(true);
    expect(matches(pattern, { source: 'payments', detail: { state: 'paid', total: 11 } })).toBe(false);
    expect(matches(pattern, { source: 'shipping', detail: { state: 'paid', total: 10 } })).toBe(false);
    expect(matches(pattern, { source: 'orders' })).toBe(false);
  });

  it('treats a dot in a name as a nested field, in patterns and in events', () => {
    const nested = { detail: { state: { status: 'running' } } };
    const dotted = { detail: { 'state.status': 'running' } };

    expect(matches({ detail: { 'state.status': ['running'] } }, nested)).toBe(true);
    expect(matches({ detail: { state: { status: ['running'] } } }, dotted)).toBe(true);
    expect(matches({ 'detail.state.status': ['running'] }, dotted)).toBe(true);
    expect(matches({ detail: { 'state.status': ['stopped'] } }, nested)).toBe(false);
    expect(matches({ detail: { state: { status: [{ exists: false }] } } }, dotted)).toBe(false);
  });

  it('does not treat inherited members as fields', () => {
    expect(matches({ constructor: { name: ['Object'] } }, {})).toBe(false);
    expect(matches({ toString: [{ exists: false }] }, {})).toBe(true);
  });
});

describe('event pattern: operators', () => {
  it.each([
    [{ prefix: 'eu-' }, 'eu-west-1', true],
    [{ prefix: 'eu-' }, 'us-east-1', false],
    [{ prefix: '1' }, 12, false],
    [{ prefix: { 'equals-ignore-case': 'EVENTB' } }, 'eventBridge', true],
    [{ prefix: { 'equals-ignore-case': 'EVENTB' } }, 'events', false],
    [{ suffix: '.png' }, 'a.png', true],
    [{ suffix: '.png' }, 'a.PNG', false],
    [{ suffix: { 'equals-ignore-case': '.png' } }, 'a.PNG', true],
    [{ suffix: { 'equals-ignore-case': '.png' } }, 'a.gif', false],
    [{ 'equals-ignore-case': 'alice' }, 'ALICE', true],
    [{ 'equals-ignore-case': 'alice' }, 'alicia', false],
    [{ wildcard: 'dir/*.png' }, 'dir/a/b.png', true],
    [{ wildcard: 'dir/*.png' }, 'dir/b.gif', false],
    [{ wildcard: 'a*a' }, 'a', false],
    [{ wildcard: 'a*b*c' }, 'a-b-b-c', true],
    [{ wildcard: 'a*b*c' }, 'acb', false],
    [{ wildcard: 'plain' }, 'plain', true],
    [{ wildcard: '*' }, '', true],
    [{ wildcard: '\\*\\\\' }, '*\\', true],
    [{ wildcard: '\\*\\\\' }, 'x\\', false],
    [{ cidr: '10.0.0.0/24' }, '10.0.0.255', true],
    [{ cidr: '10.0.0.0/24' }, '10.0.1.0', false],
    [{ cidr: '10.0.0.0/24' }, '::ffff:10.0.0.1', false],
    [{ cidr: '10.0.0.0/24' }, 'host', false],
    [{ cidr: '2001:db8::/32' }, '2001:db8:0:1::7', true],
    [{ cidr: '2001:db8::/32' }, '2001:db9::1', false],
    [{ exists: true }, 'x', true],
    [{ exists: true }, null, true],
    [{ exists: true }, { inner: 1 }, false],
    [{ exists: true }, [], false],
    [{ exists: false }, 'x', false],
    [{ exists: false }, { inner: 1 }, true],
    [{ exists: false }, [], true],
  ])('%j over %j: %s', (matcher, value, expected) => {
    expect(accepts(matcher, value)).toBe(expected);
  });

  it.each([
    [['=', 5], 5, true],
    [['=', 5], '5', false],
    [['<', 5], 5, false],
    [['<=', 5], 5, true],
    [['>', 5], 5, false],
    [['>=', 5], 5, true],
    [['>', 0, '<=', 5], 5, true],
    [['>', 0, '<=', 5], 0, false],
    [['>=', -1.5, '<', 1.5], -1.5, true],
    [['>=', -1.5, '<', 1.5], 1.5, false],
  ])('numeric %j over %j: %s', (terms, value, expected) => {
    expect(accepts({ numeric: terms }, value)).toBe(expected);
  });

  it.each([
    ['open', 'open', false],
    ['open', 'closed', true],
    ['open', 5, true],
    ['open', null, true],
    [5, 5, false],
    [5, 6, true],
    [5, '5', true],
    [['open', 'closed'], 'closed', false],
    [['open', 'closed'], 'paid', true],
    [[1, 2], 2, false],
    [[1, 2], 3, true],
    [{ prefix: 'eu-' }, 'eu-west-1', false],
    [{ prefix: 'eu-' }, 'us-east-1', true],
    [{ prefix: ['eu-', 'us-'] }, 'us-east-1', false],
    [{ suffix: '.png' }, 'a.png', false],
    [{ suffix: ['.png', '.gif'] }, 'a.jpg', true],
    [{ wildcard: '*/lib/*' }, 'a/lib/b', false],
    [{ wildcard: ['*/lib/*', '*/bin/*'] }, 'a/bin/b', false],
    [{ wildcard: '*/lib/*' }, 'a/src/b', true],
    [{ 'equals-ignore-case': 'open' }, 'OPEN', false],
    [{ 'equals-ignore-case': ['open', 'closed'] }, 'Closed', false],
    [{ 'equals-ignore-case': 'open' }, 'paid', true],
    ['open', ['open', 'closed'], true],
    ['open', ['open'], false],
  ])('anything-but %j over %j: %s', (operand, value, expected) => {
    expect(accepts({ 'anything-but': operand }, value)).toBe(expected);
  });

  it('anything-but requires the field to exist', () => {
    expect(matches({ field: [{ 'anything-but': 'open' }] }, {})).toBe(false);
  });

  it('exists false combines with values', () => {
    const pattern = { field: ['x', { exists: false }] };

    expect(matches(pattern, {})).toBe(true);
    expect(matches(pattern, { field: 'x' })).toBe(true);
    expect(matches(pattern, { field: 'y' })).toBe(false);
  });
});

describe('event pattern: $or', () => {
  it('matches when one branch and the fields beside it match', () => {
    const pattern = { source: ['shop'], $or: [{ detail: { total: [{ numeric: ['>', 100] }] } }, { account: ['1'] }] };

    expect(matches(pattern, { source: 'shop', account: '1', detail: { total: 5 } })).toBe(true);
    expect(matches(pattern, { source: 'shop', account: '2', detail: { total: 101 } })).toBe(true);
    expect(matches(pattern, { source: 'shop', account: '2', detail: { total: 5 } })).toBe(false);
    expect(matches(pattern, { source: 'other', account: '1', detail: { total: 101 } })).toBe(false);
  });

  it('can be nested, and used several times in one pattern', () => {
    const pattern = {
      detail: { $or: [{ a: [1] }, { b: [1], $or: [{ c: [1] }, { d: [1] }] }] },
      $or: [{ x: [1] }, { y: [1] }],
    };

    expect(matches(pattern, { y: 1, detail: { a: 1 } })).toBe(true);
    expect(matches(pattern, { x: 1, detail: { b: 1, d: 1 } })).toBe(true);
    expect(matches(pattern, { x: 1, detail: { b: 1 } })).toBe(false);
    expect(matches(pattern, { detail: { a: 1 } })).toBe(false);
  });
});

describe('event pattern: arrays in events', () => {
  const employees = [
    { first: 'Anna', last: 'Smith' },
    { first: 'Peter', last: 'Jones' },
  ];

  it('matches fields inside arrays of objects', () => {
    expect(matches({ employees: { first: ['Peter'] } }, { employees })).toBe(true);
    expect(matches({ employees: { first: ['Peter'] } }, { employees: [employees] })).toBe(true);
  });

  it('never combines fields of different elements', () => {
    expect(matches({ employees: { first: ['Anna'], last: ['Smith'] } }, { employees })).toBe(true);
    expect(matches({ employees: { first: ['Anna'], last: ['Jones'] } }, { employees })).toBe(false);
  });

  it('finds the one combination of elements that satisfies all fields', () => {
    const event = {
      lines: [
        { sku: 'a', count: 1 },
        { sku: 'b', count: 2 },
        { sku: 'a', count: 3 },
      ],
    };

    expect(matches({ lines: { sku: ['a'], count: [3] } }, event)).toBe(true);
    expect(matches({ lines: { sku: ['b'], count: [3] } }, event)).toBe(false);
  });

  it('treats a field as absent only if no element has it', () => {
    const event = { lines: [{ sku: 'a' }, { sku: 'b', gift: true }] };

    expect(matches({ lines: { gift: [{ exists: false }] } }, event)).toBe(false);
    expect(matches({ lines: { note: [{ exists: false }] } }, event)).toBe(true);
  });
});

describe('event pattern: refusals', () => {
  it.each([
    ['{', 'Invalid JSON'],
    ['[]', 'Filter is not an object'],
    ['"x"', 'Filter is not an object'],
    ['{}', 'Empty objects are not allowed'],
    ['{"a":{}}', 'Empty objects are not allowed\n at a'],
    ['{"a":[]}', 'Empty arrays are not allowed\n at a'],
    ['{"detail":{"state":"open"}}', '"state" must be an object or an array\n at detail.state'],
    ['{"a":[["x"]]}', 'Match value must be String, number, true, false, or null\n at a'],
    ['{"a":[{}]}', 'Match expression name not found\n at a'],
    ['{"a":[{"prefix":"x","suffix":"y"}]}', 'Only one key allowed in match expression\n at a'],
    ['{"a":[{"like":"x"}]}', 'Unrecognized match type like\n at a'],
    ['{"a":[{"toString":"x"}]}', 'Unrecognized match type toString\n at a'],
    ['{"a":[{"prefix":1}]}', 'prefix match pattern must be a string\n at a'],
    ['{"a":[{"prefix":["x"]}]}', 'prefix match pattern must be a string\n at a'],
    ['{"a":[{"suffix":{"prefix":"x"}}]}', 'Unsupported suffix match pattern: prefix\n at a'],
    ['{"a":[{"exists":"yes"}]}', 'exists match pattern must be either true or false.\n at a'],
    ['{"a":[{"wildcard":"a**b"}]}', 'Consecutive wildcard characters at pos 2\n at a'],
    ['{"a":[{"wildcard":"a\\\\b"}]}', 'Invalid escape character at pos 2\n at a'],
    ['{"a":[{"wildcard":"a\\\\"}]}', 'Invalid escape character at pos 2\n at a'],
    ['{"a":[{"cidr":"10.0.0.0"}]}', "Malformed CIDR, one '/' required\n at a"],
    ['{"a":[{"cidr":"10.0.0.0/33"}]}', "Malformed CIDR, mask bits must be from 0 to 32, but are '33'\n at a"],
    ['{"a":[{"cidr":"host/8"}]}', "Malformed CIDR, 'host' is no IP address\n at a"],
    ['{"a":[{"cidr":"::/x"}]}', "Malformed CIDR, mask bits must be from 0 to 128, but are 'x'\n at a"],
    ['{"a":[{"numeric":[">",0,"<"]}]}', 'Value of < must be numeric\n at a'],
    ['{"a":[{"anything-but":{"prefix":1}}]}', 'prefix/suffix match pattern must be a string\n at a'],
    [
      '{"a":[{"anything-but":{"suffix":{"equals-ignore-case":"x"}}}]}',
      'Value of anything-but must be an array or single string/number value.\n at a',
    ],
    ['{"a":[{"anything-but":{"wildcard":[1]}}]}', 'wildcard match pattern must be a string\n at a'],
    [
      '{"a":[{"anything-but":{"equals-ignore-case":[1]}}]}',
      'Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.\n at a',
    ],
    ['{"a":[{"numeric":5}]}', 'Value of numeric must be an array.\n at a'],
    ['{"a":[{"numeric":[]}]}', 'Invalid member in numeric match: undefined\n at a'],
    ['{"a":[{"numeric":["!=",5]}]}', 'Unrecognized numeric range operator: !=\n at a'],
    ['{"a":[{"numeric":["=","5"]}]}', 'Value of equals must be numeric\n at a'],
    ['{"a":[{"numeric":[">","5"]}]}', 'Value of > must be numeric\n at a'],
    ['{"a":[{"numeric":["<",5,">",1]}]}', 'Too many elements in numeric expression\n at a'],
    ['{"a":[{"numeric":[">",5,">",9]}]}', 'Bad numeric range operator: >\n at a'],
    ['{"a":[{"numeric":[">",5,"<",9,"<"]}]}', 'Too many terms in numeric range expression\n at a'],
    ['{"a":[{"numeric":[">",9,"<",5]}]}', 'Bottom must be less than top\n at a'],
    [
      '{"a":[{"numeric":["<",5000000001]}]}',
      'Value must be between -5.0E9 and 5.0E9, inclusive, but was 5000000001\n at a',
    ],
    ['{"a":[{"anything-but":null}]}', 'Value of anything-but must be an array or single string/number value.\n at a'],
    ['{"a":[{"anything-but":[true]}]}', 'Inside anything but list, start|null|boolean is not supported.\n at a'],
    [
      '{"a":[{"anything-but":["x",1]}]}',
      'Inside anything but list, either all values are number or string, mixed type is not supported\n at a',
    ],
    [
      '{"a":[{"anything-but":[]}]}',
      'Inside anything but list, either all values are number or string, mixed type is not supported\n at a',
    ],
    ['{"a":[{"anything-but":{"cidr":"x"}}]}', 'Unsupported anything-but pattern: cidr\n at a'],
    ['{"a":[{"anything-but":{"prefix":""}}]}', 'Null prefix/suffix not allowed\n at a'],
    ['{"a":[{"anything-but":{"wildcard":[]}}]}', 'Empty arrays are not allowed\n at a'],
    ['{"$or":{"a":[1]}}', 'It must be an Array followed with $or.'],
    ['{"$or":[{"a":[1]}]}', 'There must have at least 2 Objects in $or relationship.'],
    ['{"$or":[{"a":[1]},5]}', 'Only JSON object is allowed in array of $or relationship.'],
    ['{"$or":[{"a":[1]},{"prefix":["x"]}]}', 'prefix is Ruler reserved fieldName which cannot be used inside $or.'],
  ])('refuses %s', (pattern, reason) => {
    expect(reasonFor(pattern)).toMatchObject({
      code: 'InvalidEventPatternException',
      message: `Event pattern is not valid. Reason: ${reason}`,
    });
  });

  it('refuses $or with more than 1,000 combinations', () => {
    const or = (name: string, count: number) => ({
      $or: Array.from({ length: count }, (_, index) => ({ [`${name}${index}`]: [1] })),
    });
    const allowed = { x: or('x', 10), y: or('y', 10), z: or('z', 10) };

    expect(reasonFor(JSON.stringify(allowed))).toBe('accepted');
    expect(reasonFor(JSON.stringify({ ...allowed, w: or('w', 2) }))).toMatchObject({
      code: 'InvalidEventPatternException',
      message: 'Event pattern is not valid. Reason: $or makes 2000 combinations, at most 1000 are allowed',
    });
  });
});
