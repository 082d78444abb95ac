import { describe, expect, it } from 'vitest';
import { LinkDeletionContinued, linkCascadedTo } from '../../../lib/links/index.ts';

const cascade = (id: string) => ({
  source: { module: 'orders', type: 'order', id: '1' },
  target: { module: 'm'.repeat(40), type: 't'.repeat(40), id },
  type: 'cascade' as const,
  metadata: {},
});

describe('events of links', () => {
  it('have a type for each module', () => {
    expect(linkCascadedTo('payments')).toMatchObject({ type: 'waybill.link.cascaded.payments', source: '/links' });
  });

  it('have one group per target, whose name leaves room for a tenant', () => {
    const { group } = linkCascadedTo('payments');

    const groups = ['a'.repeat(255), 'b'.repeat(255)].map((id) => group?.(cascade(id)) ?? '');

    expect(new Set(groups).size).toBe(2);
    expect(Math.max(...groups.map(({ length }) => length))).toBeLessThanOrEqual(80);
    expect(LinkDeletionContinued.group?.({ source: { module: 'a', type: 'b', id: 'c' } })).toBe('link#a/b/c');
  });

  it('refuse an invalid name of a module', () => {
    expect(() => linkCascadedTo('Payments!')).toThrow(expect.objectContaining({ code: 'CONTRACT_INVALID' }));
  });

  it('refuse data without entities, and name each path', async () => {
    const { schema } = linkCascadedTo('payments');

    const result = await schema['~standard'].validate({ ...cascade('x'), source: {}, type: 'reference' });

    expect(result.issues?.map(({ message }) => message)).toStrictEqual([
      'source.module must be 1 to 40 lower-case letters, digits and hyphens, starting with a letter, got undefined',
      'source.type must be 1 to 40 lower-case letters, digits and hyphens, starting with a letter, got undefined',
      'source.id must be 1 to 256 visible ASCII characters without spaces, got undefined',
      "type must be 'cascade' or 'aggregate_root', got 'reference'",
    ]);
  });
});
