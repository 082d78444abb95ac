import { describe, expect, it } from 'vitest';
import type { CommittedChange } from '../../../local/dynamodb/dynamodb.ts';
import { watchEffects } from '../../../local/ledger/effects.ts';

type Status = 'INPROGRESS' | 'COMPLETED' | undefined;

const itemOf = (id: string, status: Status) =>
  status === undefined ? undefined : { id: { S: id }, status: { S: status } };

const inbox = (id: string, before: Status, after: Status): CommittedChange => ({
  tableName: 'inbox',
  before: itemOf(id, before),
  after: itemOf(id, after),
});

const PAYMENT: CommittedChange = { tableName: 'payments', before: undefined, after: { orderId: { S: '1' } } };

function watched() {
  let listener: (changes: readonly CommittedChange[]) => void = () => {};
  const effects = watchEffects(
    {
      onCommit(given) {
        listener = given;
        return () => {
          listener = () => {};
        };
      },
    },
    [{ inboxTableName: 'inbox', cursorsTableName: 'cursors' }],
  );
  return { effects, commit: (...changes: CommittedChange[]) => listener(changes) };
}

describe('watchEffects', () => {
  it('numbers completions in the order of their commits', () => {
    const { effects, commit } = watched();

    commit(inbox('a', undefined, 'INPROGRESS'));
    commit(inbox('b', undefined, 'INPROGRESS'));
    commit(PAYMENT, inbox('b', 'INPROGRESS', 'COMPLETED'));
    commit(inbox('a', 'INPROGRESS', 'COMPLETED'));

    expect([effects.completedAt('a'), effects.completedAt('b'), effects.completedAt('c')]).toEqual([2, 1, undefined]);
    expect([...effects.repeated()]).toEqual([]);
  });

  it('reports which effects moved the cursor of their group', () => {
    const { effects, commit } = watched();
    const cursor: CommittedChange = { tableName: 'cursors', before: undefined, after: { id: { S: 'a' } } };

    commit(PAYMENT, inbox('a', 'INPROGRESS', 'COMPLETED'), cursor);
    commit(PAYMENT, inbox('b', 'INPROGRESS', 'COMPLETED'));
    commit(cursor);

    expect([effects.keptOrder('a'), effects.keptOrder('b')]).toEqual([true, false]);
  });

  it('finds a record that was deleted and completed again', () => {
    const { effects, commit } = watched();

    commit(PAYMENT, inbox('a', 'INPROGRESS', 'COMPLETED'));
    commit(inbox('a', 'COMPLETED', undefined));
    commit(PAYMENT, inbox('a', 'INPROGRESS', 'COMPLETED'));
    commit(PAYMENT, inbox('a', 'INPROGRESS', 'COMPLETED'));

    expect([...effects.repeated()]).toEqual([['a', 2]]);
    expect(effects.completedAt('a')).toBe(1);
  });

  it('finds writes in the same commit as a record that was already complete', () => {
    const { effects, commit } = watched();

    commit(PAYMENT, inbox('a', 'INPROGRESS', 'COMPLETED'));
    commit(PAYMENT, inbox('a', 'COMPLETED', 'COMPLETED'));

    expect([...effects.repeated()]).toEqual([['a', 1]]);
  });

  it('ignores other tables, and a complete record that is written again alone', () => {
    const { effects, commit } = watched();

    commit(PAYMENT, inbox('a', 'INPROGRESS', 'COMPLETED'));
    commit(inbox('a', 'COMPLETED', 'COMPLETED'));
    commit({ ...inbox('a', undefined, 'COMPLETED'), tableName: 'other' });

    expect([...effects.repeated()]).toEqual([]);
  });

  it('reports nothing after it is disposed of', () => {
    const { effects, commit } = watched();

    effects[Symbol.dispose]();
    commit(inbox('a', 'INPROGRESS', 'COMPLETED'));

    expect(effects.completedAt('a')).toBeUndefined();
  });
});
