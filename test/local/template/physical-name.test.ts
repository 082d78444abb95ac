import { describe, expect, it } from 'vitest';
import { physicalName, physicalUuid } from '../../../local/template/physical-name.ts';

describe('physicalName', () => {
  it('joins stack, logical id and a suffix of twelve letters and digits', () => {
    expect(physicalName('Shop', 'Orders', { maxLength: 64 })).toMatch(/^Shop-Orders-[A-Za-z0-9]{12}$/);
  });

  it('gives the same name again, so that it is stable between runs', () => {
    expect(physicalName('Shop', 'Orders', { maxLength: 64 })).toBe('Shop-Orders-f3fASny9UsiW');
  });

  it('gives different names to different stacks or logical ids', () => {
    const names = [physicalName('A', 'B', { maxLength: 64 }), physicalName('A', 'C', { maxLength: 64 })];

    expect(new Set(names.map((name) => name.slice(-12))).size).toBe(2);
  });

  it('keeps the length limit', () => {
    const name = physicalName('S'.repeat(100), 'L'.repeat(100), { maxLength: 80 });

    expect(name).toHaveLength(80);
    expect(name).toMatch(/^S{33}-L{33}-[A-Za-z0-9]{12}$/);
  });

  it('shortens the stack rather than a logical id that fits', () => {
    expect(physicalName('S'.repeat(60), 'Queue', { maxLength: 64 })).toMatch(/^S{45}-Queue-[A-Za-z0-9]{12}$/);
  });

  it('writes a bucket in lower case', () => {
    expect(physicalName('Shop', 'Failed', { maxLength: 63, lowerCase: true })).toMatch(/^shop-failed-[a-z0-9]{12}$/);
  });
});

describe('physicalUuid', () => {
  it('has the form of a random UUID', () => {
    expect(physicalUuid('Shop', 'Key')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});
