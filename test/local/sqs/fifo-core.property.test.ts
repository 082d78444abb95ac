import fc from 'fast-check';
import { describe, it } from 'vitest';
import type { EpochMs } from '../../../lib/shared/time.ts';
import type { EngineClock } from '../../../local/clock.ts';
import { createFifoOrder, type GroupLock } from '../../../local/sqs/fifo-order.ts';
import { createQueueCore, type QueueCore } from '../../../local/sqs/queue-core.ts';
import type { QueuedMessage } from '../../../local/sqs/queued-message.ts';

const RETENTION_MS = 1_000;
const MAX_RECEIVES = 3;

/** The simplest FIFO queue: one list, scanned from its start on every call. */
interface ModelMessage {
  readonly id: string;
  readonly group: string;
  readonly sentAt: number;
  receives: number;
  hiddenUntil: number | undefined;
}

interface Real {
  readonly core: QueueCore;
  readonly clock: EngineClock & { move(ms: number): void };
}

interface Model {
  readonly lock: GroupLock;
  messages: ModelMessage[];
  now: number;
  sent: number;
}

/** What time alone does to the model. */
const settle = (model: Model) => {
  model.messages = model.messages.filter(({ sentAt }) => sentAt + RETENTION_MS > model.now);
  for (const message of model.messages) {
    if (message.hiddenUntil !== undefined && message.hiddenUntil <= model.now) message.hiddenUntil = undefined;
  }
};

/** A message in flight lets those of its group wait that were sent after it, or all of them. */
const isLocked = ({ messages, lock }: Model, { group, id }: ModelMessage) => {
  const fellows = messages.filter((message) => message.group === group);
  const own = fellows.findIndex((message) => message.id === id);
  return fellows.some(({ hiddenUntil }, at) => hiddenUntil !== undefined && (lock === 'group' || at <= own));
};

const nth = <T>(items: readonly T[], index: number): T | undefined => items[index % Math.max(items.length, 1)];

const assert = (holds: boolean, what: string, details: unknown) => {
  if (!holds) throw new Error(`${what}: ${JSON.stringify(details)}`);
};

class Send implements fc.Command<Model, Real> {
  readonly group: string;
  constructor(group: string) {
    this.group = group;
  }
  check = () => true;
  run(model: Model, { core, clock }: Real) {
    const order = ++model.sent;
    const message: QueuedMessage = {
      messageId: `m${order}`,
      order,
      groupId: this.group,
      body: '',
      bodyMd5: '',
      attributes: {},
      senderId: '',
      traceHeader: undefined,
      deduplicationId: undefined,
      sequenceNumber: undefined,
      sentAt: clock.now(),
      delayMs: 0,
      deadLetterSourceArn: undefined,
      earlierReceives: 0,
      receiveCount: 0,
      firstReceivedAt: undefined,
      state: { kind: 'visible' },
    };
    core.add(message);
    model.messages.push({
      id: message.messageId,
      group: this.group,
      sentAt: model.now,
      receives: 0,
      hiddenUntil: undefined,
    });
  }
  toString = () => `send(${this.group})`;
}

class Receive implements fc.Command<Model, Real> {
  readonly max: number;
  readonly visibilityMs: number;
  constructor(max: number, visibilityMs: number) {
    this.max = max;
    this.visibilityMs = visibilityMs;
  }
  check = () => true;
  run(model: Model, { core }: Real) {
    settle(model);
    const open = model.messages.filter((message) => !isLocked(model, message));
    const { messages, spent } = core.receive(
      this.max,
      this.visibilityMs,
      ({ receiveCount }) => receiveCount >= MAX_RECEIVES,
    );
    const gone = new Set(spent.map(({ messageId }) => messageId));
    for (const id of gone) {
      const known = open.find((message) => message.id === id);
      assert(known !== undefined && known.receives >= MAX_RECEIVES, 'spent too early or locked', id);
    }
    const live = open.filter(({ id, receives }) => !gone.has(id) && receives < MAX_RECEIVES);
    assert(messages.length <= this.max, 'more than asked for', messages.length);
    assert(messages.length === Math.min(this.max, live.length), 'fewer than there are', [messages.length, live.length]);
    const groups = messages.map(({ groupId }) => groupId);
    assert(new Set(groups).size === groups.filter((group, i) => group !== groups[i - 1]).length, 'mixed', groups);
    for (const group of new Set(groups)) {
      const got = messages.filter(({ groupId }) => groupId === group).map(({ messageId }) => messageId);
      const expected = live.filter((message) => message.group === group).map(({ id }) => id);
      assert(String(got) === String(expected.slice(0, got.length)), 'not the front of the group in order', [
        got,
        expected,
      ]);
      const isLast = group === groups.at(-1);
      assert(isLast || got.length === expected.length, 'left some of a group for the next group', [got, expected]);
    }
    model.messages = model.messages.filter(({ id }) => !gone.has(id));
    for (const { messageId, receiveCount } of messages) {
      const known = model.messages.find(({ id }) => id === messageId);
      if (known === undefined) throw new Error(`${messageId} is not in the model`);
      known.receives += 1;
      known.hiddenUntil = model.now + this.visibilityMs;
      assert(receiveCount === known.receives, 'wrong count', [receiveCount, known.receives]);
    }
  }
  toString = () => `receive(${this.max}, ${this.visibilityMs} ms)`;
}

/** Deletes a message in flight, or changes its visibility. */
class Answer implements fc.Command<Model, Real> {
  readonly index: number;
  readonly visibilityMs: number | undefined;
  constructor(index: number, visibilityMs: number | undefined) {
    this.index = index;
    this.visibilityMs = visibilityMs;
  }
  check = (model: Readonly<Model>) => model.messages.length > 0;
  run(model: Model, { core }: Real) {
    settle(model);
    const chosen = nth(
      model.messages.filter(({ hiddenUntil }) => hiddenUntil !== undefined),
      this.index,
    );
    if (chosen === undefined) return;
    const message = core.find(chosen.id);
    if (message === undefined) throw new Error(`${chosen.id} is lost`);
    if (this.visibilityMs === undefined) {
      core.remove(message);
      model.messages = model.messages.filter(({ id }) => id !== chosen.id);
    } else {
      core.changeVisibility(message, this.visibilityMs);
      chosen.hiddenUntil = model.now + this.visibilityMs;
    }
  }
  toString = () =>
    this.visibilityMs === undefined ? `delete(${this.index})` : `hide(${this.index}, ${this.visibilityMs} ms)`;
}

class Wait implements fc.Command<Model, Real> {
  readonly ms: number;
  constructor(ms: number) {
    this.ms = ms;
  }
  check = () => true;
  run(model: Model, { core, clock }: Real) {
    clock.move(this.ms);
    model.now += this.ms;
    settle(model);
    const inFlight = model.messages.filter(({ hiddenUntil }) => hiddenUntil !== undefined).length;
    const expected = { visible: model.messages.length - inFlight, inFlight, delayed: 0 };
    assert(JSON.stringify(core.counts()) === JSON.stringify(expected), 'counts', [core.counts(), expected]);
    const available = [...core.available()].map(({ messageId }) => messageId);
    const open = model.messages.filter((message) => !isLocked(model, message)).map(({ id }) => id);
    assert(String(available) === String(open), 'available', [available, open]);
  }
  toString = () => `wait(${this.ms} ms)`;
}

const setup = (lock: GroupLock): { model: Model; real: Real } => {
  let now = 0;
  const clock = {
    now: () => now as EpochMs,
    schedule: () => () => {},
    move: (ms: number) => {
      now += ms;
    },
  };
  const core = createQueueCore({
    clock,
    order: createFifoOrder<QueuedMessage>(lock),
    retentionMs: () => RETENTION_MS,
    mostInFlight: 120_000,
  });
  return { model: { lock, messages: [], now: 0, sent: 0 }, real: { core, clock } };
};

describe('FIFO queue core', () => {
  it.each<GroupLock>(['behind', 'group'])(
    'keeps order, locks (%s), counts and expiry like the simplest queue in any sequence of calls',
    (lock) => {
      const visibilityMs = fc.constantFrom(0, 10, 30, 100);
      const commands = fc.commands(
        [
          fc.constantFrom('a', 'b', 'c').map((group) => new Send(group)),
          fc.tuple(fc.integer({ min: 1, max: 10 }), visibilityMs).map(([max, ms]) => new Receive(max, ms)),
          fc.nat(20).map((index) => new Answer(index, undefined)),
          fc.tuple(fc.nat(20), visibilityMs).map(([index, ms]) => new Answer(index, ms)),
          fc.constantFrom(1, 10, 50, 400).map((ms) => new Wait(ms)),
        ],
        { maxCommands: 60, size: 'max' },
      );

      fc.assert(
        fc.property(commands, (all) => fc.modelRun(() => setup(lock), all)),
        { numRuns: 400 },
      );
    },
  );
});
