import { describe, expect, it } from 'vitest';
import { sagaGroupOf } from '../../../lib/saga/saga-writer.ts';

const start = { id: 'event-1', partitionkey: 'order#1001' };

describe('the group of an instance and its timers', () => {
  it.each([
    ['the group of the event that began it', 'order#1001', 'order#1001'],
    ['the same without the tenant, who is put in front again', 'tenant:acme:order#1001', 'order#1001'],
  ])('is %s', (_, partitionkey, group) => {
    expect(sagaGroupOf('trip', '7', { ...start, partitionkey })).toBe(group);
  });

  it.each([
    ['had no group', 'event-1'],
    ['had no group, but a tenant', 'tenant:acme:event-1'],
    ['had a group that cannot be read', 'tenant:Acme:order#1001'],
  ])('is its own if its start event %s', (_, partitionkey) => {
    expect(sagaGroupOf('trip', '7', { ...start, partitionkey })).toBe('trip#7');
  });

  it.each([
    ['is as long as it may be', 'x'.repeat(75), `trip#${'x'.repeat(75)}`],
    ['is too long', 'x'.repeat(76), 'trip#EgPW9cZ1yiBqaIf0-SrNH-t4qnc-CNdX'],
    ['holds what no group may hold', 'Jürgen 7', 'trip#sxuEFG-iKX8ipqCDbKfH_uPlVSZVFxNM'],
  ])('is its own, with at most 80 characters, if the instance id %s', (_, sagaId, group) => {
    expect(sagaGroupOf('trip', sagaId, { ...start, partitionkey: 'event-1' })).toBe(group);
  });
});
