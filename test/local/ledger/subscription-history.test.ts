import { describe, expect, it } from 'vitest';
import type { CloudEvent } from '../../../lib/definitions/index.ts';
import type { CommittedChange } from '../../../local/dynamodb/dynamodb.ts';
import { compileEventPattern } from '../../../local/eventbridge/pattern/event-pattern.ts';
import { watchSubscriptions } from '../../../local/ledger/subscription-history.ts';
import type { Consumer, Topology } from '../../../local/ledger/topology.ts';
import { billingConsumer, eventOf } from './ledger-under-test.ts';

const consumerOf = (name: string, types: readonly string[], queueName = `${name}.fifo`): Consumer => {
  const billing = billingConsumer(`http://127.0.0.1/${queueName}`);
  return {
    ...billing,
    name,
    queue: { ...billing.queue, queueName, arn: queueName },
    takes: compileEventPattern(JSON.stringify({ 'detail-type': types })),
  };
};

const topologyOf = (...consumers: readonly Consumer[]): Topology => ({
  region: 'eu-west-1',
  accountId: '123456789012',
  outboxTableName: 'outbox',
  pendingTableName: 'pending',
  consumers,
  queueNames: new Map(),
  serviceNames: new Map(),
});

/** A run that begins with these consumers. */
function watched(...consumers: readonly Consumer[]) {
  let listener: (changes: readonly CommittedChange[]) => void = () => {};
  let rules: readonly string[] = [];
  const history = watchSubscriptions(topologyOf(...consumers), {
    dynamoDb: {
      onCommit(given) {
        listener = given;
        return () => {};
      },
    },
    eventBridge: { targetsOf: () => rules },
  });
  let sequence = 0;
  return {
    history,
    deploy(...next: readonly Consumer[]) {
      history.begin();
      history.complete(topologyOf(...next));
    },
    /** The rules in force lead to these queues. */
    rulesLeadTo(...queueNames: readonly string[]) {
      rules = queueNames;
    },
    /** Commits an event; answers who has to handle it, and who need not. */
    commit(type = 'placed') {
      sequence += 1;
      const event: CloudEvent = {
        ...eventOf({ id: `e${sequence}`, sequence, type }),
        specversion: '1.0',
        datacontenttype: 'application/json',
      };
      const place = { group: event.partitionkey, sequence };
      listener([
        {
          tableName: 'outbox',
          before: undefined,
          after: {
            partitionkey: { S: place.group },
            sequence: { N: String(sequence) },
            kind: { S: 'EVENT' },
            event: { S: JSON.stringify(event) },
          },
        },
      ]);
      return () => history.dutiesOf(event, place).map(({ consumer, owed }) => `${consumer.name}: ${owed}`);
    },
  };
}

const billing = consumerOf('billing', ['placed']);
const loyalty = consumerOf('loyalty', ['placed']);

describe('watchSubscriptions', () => {
  it('expects an event of every consumer that is always subscribed to its type', () => {
    const { commit, deploy } = watched(billing);

    const before = commit();
    const other = commit('cancelled');
    deploy(billing, loyalty);
    const after = commit();

    expect([before(), other(), after()]).toStrictEqual([
      ['billing: yes', 'loyalty: not-yet'],
      [],
      ['billing: yes', 'loyalty: yes'],
    ]);
  });

  it('decides by the rules in force while a deployment adds a consumer', () => {
    const { history, commit, rulesLeadTo } = watched(billing);

    history.begin();
    const beforeItsRule = commit();
    rulesLeadTo('loyalty.fifo');
    const afterItsRule = commit();
    history.complete(topologyOf(billing, loyalty));

    expect([beforeItsRule(), afterItsRule()]).toStrictEqual([
      ['billing: yes', 'loyalty: not-yet'],
      ['billing: yes', 'loyalty: yes'],
    ]);
  });

  it('accepts either outcome for events in transit when their type is removed, and expects no later ones', () => {
    const { commit, deploy } = watched(consumerOf('billing', ['placed', 'paid']));

    const paid = commit('paid');
    const placed = commit('placed');
    deploy(billing);
    const later = commit('paid');

    expect([paid(), placed(), later()]).toStrictEqual([['billing: no-more'], ['billing: yes'], ['billing: not-yet']]);
  });

  it('expects all events of a consumer that gets another queue, regardless of its rules meanwhile', () => {
    const { history, commit } = watched(billing);

    history.begin();
    const meanwhile = commit();
    history.complete(topologyOf(consumerOf('billing', ['placed'], 'other.fifo')));

    expect(meanwhile()).toStrictEqual(['billing: yes']);
    expect(history.current().consumers.map(({ queue }) => queue.queueName)).toStrictEqual(['other.fifo']);
  });

  it('expects nothing of a consumer whose deployment was rolled back', () => {
    const { history, commit, rulesLeadTo } = watched(billing);

    history.begin();
    rulesLeadTo('billing.fifo', 'loyalty.fifo');
    const meanwhile = commit();
    history.complete(topologyOf(billing));

    expect(meanwhile()).toStrictEqual(['billing: yes']);
  });
});
