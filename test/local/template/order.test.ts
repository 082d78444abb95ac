import { describe, expect, it } from 'vitest';
import { orderByDependency } from '../../../local/template/order.ts';

const ordered = (dependencies: Readonly<Record<string, readonly string[]>>) =>
  orderByDependency(Object.keys(dependencies), (name) => dependencies[name] ?? []);

describe('orderByDependency', () => {
  it('puts what others depend on first', () => {
    expect(ordered({ Mapping: ['Function', 'Queue'], Function: ['Role'], Queue: [], Role: [] })).toEqual({
      order: ['Role', 'Function', 'Queue', 'Mapping'],
    });
  });

  it('keeps the given order if there are no dependencies', () => {
    expect(ordered({ B: [], A: [], C: [] })).toEqual({ order: ['B', 'A', 'C'] });
  });

  it('ignores names that it was not given', () => {
    expect(ordered({ A: ['AWS::Region'] })).toEqual({ order: ['A'] });
  });

  it('names a cycle from its first member back to it', () => {
    expect(ordered({ Start: ['A'], A: ['B'], B: ['C'], C: ['A'] })).toEqual({ cycle: ['A', 'B', 'C', 'A'] });
  });

  it('finds a resource that depends on itself', () => {
    expect(ordered({ A: ['A'] })).toEqual({ cycle: ['A', 'A'] });
  });
});
