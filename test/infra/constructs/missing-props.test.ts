import { AccountPrincipal, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { describe, expect, it } from 'vitest';
import { EventConsumer } from '../../../infra/constructs/event-consumer.ts';
import { EventHub } from '../../../infra/constructs/event-hub.ts';
import { grantItems } from '../../../infra/constructs/grantee.ts';
import { LinkTable } from '../../../infra/constructs/link-table.ts';
import { ProcessManager } from '../../../infra/constructs/process-manager.ts';
import { ReadModel } from '../../../infra/constructs/read-model.ts';
import { SyncEngine } from '../../../infra/constructs/sync-engine.ts';
import { tableFrom } from '../../../infra/constructs/table-from.ts';
import { TenantRole } from '../../../infra/constructs/tenant-role.ts';
import { WaybillFunction } from '../../../infra/constructs/waybill-function.ts';
import { createHub, createStack, ENTRY, settingsWith } from '../test-stack.ts';

/** As JavaScript calls it, without a type check. */
type Untyped = (...values: readonly unknown[]) => unknown;

const construct =
  (type: unknown): Untyped =>
  (...values) =>
    Reflect.construct(type as new (...args: readonly unknown[]) => unknown, values);

const method =
  (owner: object, name: string): Untyped =>
  (...values) =>
    Reflect.apply(Reflect.get(owner, name), owner, values);

const problemsOf = (call: () => unknown): unknown => {
  try {
    call();
    return undefined;
  } catch (error) {
    return error instanceof Error && 'problems' in error ? error.problems : error;
  }
};

const nothingFor = (...props: readonly string[]) => props.map((prop) => `${prop} must be given, got nothing`);

const SETTINGS = 'the settings from selectEnvironment, defineSettings or parseSettings';
const settings = settingsWith();

describe('a construct of an app in JavaScript', () => {
  it.each([
    [EventHub, ['settings']],
    [WaybillFunction, ['entry', 'serviceName', 'settings']],
    [EventConsumer, ['hub', 'subscription', 'entry']],
    [ProcessManager, ['hub', 'saga', 'entry']],
    [ReadModel, ['hub', 'projection', 'entry', 'rebuildEntry']],
    [SyncEngine, ['hub', 'sync', 'entry']],
    [LinkTable, ['settings']],
    [TenantRole, ['tenant', 'assumedBy', 'tables']],
  ])('names every prop that is missing, also without props: %o', (type, props) => {
    for (const given of [undefined, {}]) {
      expect(problemsOf(() => construct(type)(createStack(), 'It', given))).toStrictEqual(nothingFor(...props));
    }
  });

  it.each<[unknown, object, string]>([
    [EventHub, { settings: 'dev' }, `settings must be ${SETTINGS}, got the text 'dev'`],
    [
      WaybillFunction,
      { entry: ENTRY, serviceName: 'a', settings: {} },
      `settings must be ${SETTINGS}, got another object`,
    ],
    [
      WaybillFunction,
      { entry: 7, serviceName: 'a', settings },
      "entry must be a path, such as 'functions/billing/index.ts', got 7",
    ],
    [EventConsumer, { hub: null, subscription: { events: [] }, entry: ENTRY }, 'hub must be an EventHub, got null'],
    [
      ProcessManager,
      { hub: { settings }, saga: [], entry: ENTRY },
      'saga must be the result of defineSaga, or a list of its versions, got a list of 0',
    ],
    [LinkTable, { settings: null }, `settings must be ${SETTINGS}, got null`],
    [
      TenantRole,
      { tenant: 'acme', assumedBy: new AccountPrincipal('111122223333'), tables: ['orders'] },
      'tables must be a list of { table, schema }, got a list of 1',
    ],
    [TenantRole, { tenant: 'acme', assumedBy: 'me', tables: [] }, "assumedBy must be a principal, got the text 'me'"],
  ])('says what a prop of another kind must be: %o %o', (type, props, problem) => {
    expect(problemsOf(() => construct(type)(createStack(), 'It', props))).toStrictEqual([problem]);
  });

  it('names what a hub of another app lacks', () => {
    expect(problemsOf(() => method(EventHub, 'fromAttributes')(createStack(), 'Hub'))).toStrictEqual(
      nothingFor('settings', 'busArn', 'outboxTableArn', 'pendingTableArn', 'inboxTableArn', 'cursorsTableArn'),
    );
  });

  it('names what a table lacks', () => {
    expect(problemsOf(() => (tableFrom as Untyped)(createStack(), 'It'))).toStrictEqual(
      nothingFor('schema', 'settings'),
    );
  });
});

describe('a grant of an app in JavaScript', () => {
  const roleIn = (scope: Construct): Role =>
    new Role(scope, 'Role', { assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com') });

  it('names what a publisher lacks', () => {
    const stack = createStack();
    const grantPublish = method(createHub(stack), 'grantPublish');

    expect(problemsOf(() => grantPublish())).toStrictEqual(nothingFor('publisher', 'events'));
    expect(problemsOf(() => grantPublish(roleIn(stack)))).toStrictEqual(nothingFor('events'));
    expect(problemsOf(() => grantPublish('me', ['order.placed']))).toStrictEqual([
      "publisher must be a function, an instance or a role, got the text 'me'",
      'events must be a list of results of defineEvent, got a list of 1',
    ]);
  });

  it('names what a user of links lacks', () => {
    const stack = createStack();
    const grantUse = method(new LinkTable(stack, 'Links', { settings }), 'grantUse');
    const role = roleIn(stack);

    expect(problemsOf(() => grantUse(role))).toStrictEqual(nothingFor('uses'));
    expect(problemsOf(() => grantUse(role, ['find']))).toStrictEqual([
      expect.stringMatching(/^grantUse must name calls on links, got 'find': choose from get, findBySource, /),
    ]);
  });

  it('names what a user of a table lacks', () => {
    expect(problemsOf(() => (grantItems as Untyped)())).toStrictEqual(nothingFor('grantee', 'table', 'actions'));
  });
});
