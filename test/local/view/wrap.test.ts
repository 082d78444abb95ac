import { describe, expect, it } from 'vitest';
import { wrap } from '../../../local/view/wrap.ts';

describe('wrap', () => {
  it('leaves a line that fits', () => {
    expect(wrap('  waiting   orders 12', 21)).toStrictEqual(['  waiting   orders 12']);
  });

  it('breaks after separators, and indents continued lines to the text after the title', () => {
    expect(wrap('  waiting   orders 12 · payments 3 · mail 1 · customers 7', 36)).toStrictEqual([
      '  waiting   orders 12 · payments 3 ·',
      '            mail 1 · customers 7',
    ]);
  });

  it('breaks at a space if there is no separator', () => {
    expect(wrap('nothing has changed for a while', 12)).toStrictEqual(['nothing has', 'changed for', 'a while']);
  });

  it('breaks a word that is longer than a line', () => {
    expect(wrap('abcdefghij', 4)).toStrictEqual(['abcd', 'efgh', 'ij']);
  });

  it('drops the indent if it leaves no room', () => {
    expect(wrap('  waiting   orders 1', 12)).toStrictEqual(['  waiting', 'orders 1']);
  });
});
