import { describe, expect, it } from 'vitest';
import { compileJsonPath } from '../../../local/eventbridge/json-path.ts';

const DOCUMENT = {
  'detail-type': 'order.placed',
  detail: { id: '1042', total: 0, empty: null, lines: [{ sku: 'a' }, { sku: 'b' }, {}], 'a/b': 1, _x: { y: [[1, 2]] } },
};

describe('JSON paths', () => {
  it.each([
    ['$', DOCUMENT],
    ['$.detail-type', 'order.placed'],
    ['$.detail.id', '1042'],
    ['$.detail.total', 0],
    ['$.detail.empty', null],
    ['$.detail.a/b', 1],
    ['$.detail._x.y[0][1]', 2],
    ['$.detail.lines[1].sku', 'b'],
    ['$.detail.lines[*].sku', ['a', 'b']],
    ['$.detail._x.*', [[[1, 2]]]],
    ['$.detail.none', undefined],
    ['$.detail.id.more', undefined],
    ['$.detail.empty.more', undefined],
    ['$.detail.lines[3]', undefined],
    ['$.detail.lines.sku', undefined],
    ['$.detail[0]', undefined],
    ['$.detail.none[*]', undefined],
    ['$.constructor', undefined],
  ])('%s', (path, expected) => {
    expect(compileJsonPath(path)?.(DOCUMENT)).toEqual(expected);
  });

  it.each(['', 'detail', '$detail', '$.', '$..id', '$.a b', '$.a[x]', '$.a[-1]', "$['a']", '$.a[?(@.b)]'])(
    'rejects %j',
    (path) => {
      expect(compileJsonPath(path)).toBeUndefined();
    },
  );
});
