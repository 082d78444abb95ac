import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { defineEvent, defineSaga, type SagaDefinition } from '../../../lib/definitions/index.ts';
import { decide } from '../../../lib/saga/machine/decide.ts';
import type { SagaDecision, SagaInput, SagaMove } from '../../../lib/saga/machine/decision.ts';
import type { SagaState, SagaTimer, StepPhase, StepProgress } from '../../../lib/saga/machine/saga-state.ts';
import type { EpochMs } from '../../../lib/shared/time.ts';

const NOW_SECONDS = 1_800_000_000;
const NOW = (NOW_SECONDS * 1000) as EpochMs;

const tourEvent = <const Type extends string>(type: Type) =>
  defineEvent({ type, source: '/tours', version: 1, schema: z.object({ tourId: z.string() }) });

const key = ({ tourId }: { readonly tourId: string }) => ({ tourId });

interface TourOptions {
  /** Whether it tells how it ended. */
  readonly answers?: boolean;
}

/** Ship, truck and crane side by side, then a store that cannot be undone, the payment as pivot, and the ticket. */
function defineTour({ answers = true }: TourOptions = {}): SagaDefinition {
  return defineSaga(
    {
      name: 'tour',
      version: 1,
      data: z.object({ tourId: z.string(), heard: z.array(z.string()) }),
      correlateBy: 'tourId',
    },
    ({ start, send, sendFailure, on, parallel }) => {
      const heard = (type: string) => on(tourEvent(type), (saga) => ({ ...saga, heard: [...saga.heard, type] }));
      const step = (name: string) => ({
        name,
        command: send(tourEvent(`${name}.asked`), key),
        success: heard(`${name}.booked`),
        failure: heard(`${name}.refused`),
        timeoutSeconds: 600,
        onTimeout: { sendAgain: 1 },
        compensation: {
          command: sendFailure(tourEvent(`${name}.undo`), key),
          success: heard(`${name}.undone`),
          failure: heard(`${name}.kept`),
          maxAttempts: 2,
          timeoutSeconds: 600,
        },
      });
      const { compensation: _compensation, ...store } = step('store');
      return {
        startedBy: start(tourEvent('tour.requested'), ({ tourId }) => ({ tourId, heard: [] })),
        steps: [
          parallel([step('ship'), step('truck'), step('crane')]),
          store,
          { ...step('payment'), pivot: true },
          { name: 'ticket', command: send(tourEvent('ticket.asked'), key), success: heard('ticket.booked') },
        ],
        abortedBy: heard('tour.recalled'),
        ...(answers
          ? { answers: { completed: send(tourEvent('tour.done'), key), failed: send(tourEvent('tour.failed'), key) } }
          : {}),
      };
    },
  );
}

const tour = defineTour();

/** A step's progress in that phase: led there by the transition `since`, due a minute from now where it waits. */
function progress(phase: StepPhase, since = 1): StepProgress {
  const waits = { attempt: 1, dueAtSeconds: NOW_SECONDS + 60 };
  const isWaiting = phase === 'requested' || phase === 'compensating' || phase === 'compensation-delayed';
  return (isWaiting ? { phase, since, ...waits } : { phase, since }) as StepProgress;
}

const FAILURE = { kind: 'refused', step: 'crane', eventType: 'crane.refused' } as const;

type Status = SagaState['status'];

const stateOf = (
  status: Status,
  steps: Readonly<Record<string, StepProgress>>,
  change: Partial<SagaState> = {},
): SagaState => ({
  status,
  revision: 5,
  data: { tourId: '7', heard: [] },
  stage: 0,
  steps,
  answered: false,
  ...(status === 'running' || status === 'completed' ? {} : { failure: FAILURE }),
  ...change,
});

function event(type: string): SagaInput {
  const role = tour.roles.get(type);
  if (role === undefined) throw new Error(`'${type}' has no role`);
  return { kind: 'event', type, role, data: { tourId: '7' } };
}

const timer = (timer: SagaTimer): SagaInput => ({ kind: 'timer', timer });

function moveOf(decision: SagaDecision): SagaMove {
  if (decision.kind === 'moved') return decision;
  throw new Error(`nothing moved: ${decision.reason}`);
}

const sentBy = ({ publications }: SagaMove) => publications.map(({ event: { type } }) => type);
const heardBy = ({ state }: SagaMove) => (state.data as { readonly heard: readonly string[] }).heard;

/** The transition, and the phase that the step is in then; or why nothing has changed. */
const outcomeOf = (decision: SagaDecision, step: string): string =>
  decision.kind === 'moved' ? `${decision.transition}: ${decision.state.steps[step]?.phase}` : decision.reason;

/** What becomes of a step in each phase when it is said to be booked, refused, undone, and not to be undone. */
type Outcomes = readonly (readonly [StepPhase | 'never asked', Status, readonly [string, string, string, string]])[];

const REPLIES = ['booked', 'refused', 'undone', 'kept'] as const;

function itTakesReplies(step: string, others: Readonly<Record<string, StepProgress>>, stage: number, all: Outcomes) {
  const rows = all.flatMap(([phase, status, outcomes]) =>
    REPLIES.map((reply, index) => [phase, reply, status, outcomes[index] ?? ''] as const),
  );

  it.each(rows)('in phase %s handles the reply %s', (phase, reply, status, outcome) => {
    const steps = { ...others, ...(phase === 'never asked' ? {} : { [step]: progress(phase, 3) }) };

    const decision = decide(tour, stateOf(status, steps, { stage }), event(`${step}.${reply}`), NOW);

    expect(outcomeOf(decision, step)).toBe(outcome);
    // every handled reply is reported to the saga
    if (decision.kind === 'moved') {
      expect(heardBy(decision)).toStrictEqual([`${step}.${reply}`]);
      expect(decision.state.steps[step]?.since).toBe(6);
    } else {
      expect(decision.kind).toBe('ignored');
    }
  });
}

describe('a step with a compensation', () => {
  const none = ['not-requested', 'not-requested'] as const;
  itTakesReplies('ship', { truck: progress('done') }, 0, [
    ['never asked', 'running', ['not-requested', 'not-requested', ...none]],
    ['requested', 'running', ['step-done: done', 'step-refused: refused', ...none]],
    ['done', 'running', ['duplicate', 'contradiction', ...none]],
    // it is undone in its turn, which is before the truck
    ['refused', 'compensating', ['step-done-late: compensating', 'duplicate', ...none]],
    ['in-doubt', 'compensating', ['step-done-late: done', 'step-refused: refused', ...none]],
    [
      'compensating',
      'compensating',
      ['late', 'late', 'step-compensated: compensated', 'compensation-refused: compensation-delayed'],
    ],
    ['compensation-delayed', 'compensating', ['late', 'late', 'step-compensated: compensated', 'duplicate']],
    ['compensation-failed', 'compensation-failed', ['late', 'late', 'step-compensated: compensated', 'duplicate']],
    ['compensated', 'compensated', ['late', 'late', 'duplicate', 'contradiction']],
  ]);
});

describe('the pivot', () => {
  const none = ['not-requested', 'not-requested'] as const;
  const others = { ship: progress('done'), truck: progress('done'), crane: progress('done'), store: progress('done') };
  itTakesReplies('payment', others, 2, [
    ['never asked', 'running', ['not-requested', 'not-requested', ...none]],
    ['requested', 'running', ['step-done: done', 'step-refused: refused', ...none]],
    ['done', 'running', ['duplicate', 'contradiction', ...none]],
    ['refused', 'compensating', ['contradiction', 'duplicate', ...none]],
    [
      'compensating',
      'compensating',
      [
        'pivot-done-after-all: done',
        'step-refused: refused',
        'step-compensated: compensated',
        'compensation-refused: compensation-delayed',
      ],
    ],
    [
      'compensation-delayed',
      'compensating',
      ['pivot-done-after-all: done', 'step-refused: refused', 'step-compensated: compensated', 'duplicate'],
    ],
    [
      'compensation-failed',
      'compensation-failed',
      ['pivot-done-after-all: done', 'step-refused: refused', 'step-compensated: compensated', 'duplicate'],
    ],
    ['compensated', 'compensating', ['contradiction', 'late', 'duplicate', 'contradiction']],
  ]);

  it.each(['compensating', 'compensation-delayed', 'compensation-failed'] as const)(
    'compensates the steps before it if it is refused while it is %s',
    (phase) => {
      const status = phase === 'compensation-failed' ? phase : 'compensating';
      const before = stateOf(status, { ship: progress('done'), payment: progress(phase) }, { stage: 2 });

      const move = moveOf(decide(tour, before, event('payment.refused'), NOW));

      expect([move.state.status, sentBy(move)]).toStrictEqual(['compensating', ['ship.undo']]);
    },
  );
});

describe('a step without a compensation', () => {
  it('reports a contradiction if it succeeds after it was refused', () => {
    const before = stateOf('compensating', { store: progress('refused') }, { stage: 1 });

    expect(decide(tour, before, event('store.booked'), NOW)).toStrictEqual({
      kind: 'ignored',
      reason: 'contradiction',
    });
  });

  it('stays unchanged when the saga is compensated', () => {
    const steps = { ship: progress('done', 3), store: progress('done', 4), payment: progress('requested', 5) };

    const move = moveOf(decide(tour, stateOf('running', steps, { stage: 2 }), event('payment.refused'), NOW));

    expect(sentBy(move)).toStrictEqual(['ship.undo']);
    expect(move.state.steps['store']).toStrictEqual({ phase: 'done', since: 4 });
  });
});

describe('the next compensation', () => {
  it('is of a step in doubt before any step that is done, regardless of when its success arrived', () => {
    const steps = { ship: progress('done', 5), truck: progress('in-doubt', 3), crane: progress('compensating', 3) };

    const move = moveOf(decide(tour, stateOf('compensating', steps), event('crane.undone'), NOW));

    expect(sentBy(move)).toStrictEqual(['truck.undo']);
  });

  it('is of the step that was done last if none is in doubt', () => {
    const steps = { ship: progress('done', 4), truck: progress('done', 3), crane: progress('compensating', 3) };

    const move = moveOf(decide(tour, stateOf('compensating', steps), event('crane.undone'), NOW));

    expect(sentBy(move)).toStrictEqual(['ship.undo']);
  });

  it.each([
    ['compensating', 'compensating'],
    ['compensation-delayed', 'compensating'],
    ['compensation-failed', 'compensation-failed'],
  ] as const)('waits for the one that is %s, even if a success arrives after a refusal', (phase, status) => {
    const before = stateOf(status, { ship: progress('refused'), truck: progress(phase) });

    const move = moveOf(decide(tour, before, event('ship.booked'), NOW));

    expect([move.state.status, move.state.steps['ship']?.phase, sentBy(move)]).toStrictEqual([status, 'done', []]);
  });

  it('waits for an operator if another compensation has also failed', () => {
    const steps = { ship: progress('compensation-failed'), truck: progress('compensation-failed') };

    const retried = moveOf(decide(tour, stateOf('compensation-failed', steps), { kind: 'retry' }, NOW));
    const undone = moveOf(decide(tour, retried.state, event('ship.undone'), NOW));

    expect([retried.state.status, sentBy(retried)]).toStrictEqual(['compensating', ['ship.undo']]);
    expect([undone.state.status, sentBy(undone)]).toStrictEqual(['compensation-failed', []]);
  });
});

describe('the end of a saga', () => {
  it.each([
    ['completed', 'running', 'ticket.booked', ['tour.done'], { ticket: progress('requested') }],
    ['compensated', 'compensating', 'ship.undone', ['tour.failed'], { ship: progress('compensating') }],
  ] as const)('sets the answered flag when the saga is %s', (end, status, type, answers, steps) => {
    const move = moveOf(decide(tour, stateOf(status, steps, { stage: 3 }), event(type), NOW));

    expect([move.state.status, move.state.answered, sentBy(move)]).toStrictEqual([end, true, answers]);
  });
});

describe('an abort', () => {
  it.each<[string, string, SagaState]>([
    ['of a saga that is being undone', 'too-late', stateOf('compensating', { ship: progress('compensating') })],
    ['of a saga that is over', 'too-late', stateOf('completed', { ticket: progress('done') }, { answered: true })],
    ['after the pivot', 'too-late', stateOf('running', { payment: progress('done'), ticket: progress('requested') })],
    [
      'that was asked for before',
      'duplicate',
      stateOf('running', { payment: progress('requested') }, { abortRequested: 'tour.recalled' }),
    ],
  ])('%s changes nothing: %s', (_, reason, before) => {
    expect(decide(tour, before, event('tour.recalled'), NOW)).toStrictEqual({ kind: 'ignored', reason });
  });

  it.each([
    ['before the pivot', { ship: progress('requested') }, 'abort-begun', 'compensating'],
    ['while the pivot is open', { payment: progress('requested') }, 'abort-waits-for-pivot', 'running'],
  ] as const)('%s reports the event to the saga', (_, steps, transition, status) => {
    const move = moveOf(decide(tour, stateOf('running', steps), event('tour.recalled'), NOW));

    expect([move.transition, move.state.status, heardBy(move)]).toStrictEqual([transition, status, ['tour.recalled']]);
  });
});

describe('an ignored input', () => {
  const running = stateOf('running', { ship: progress('requested') });
  const retry: SagaInput = { kind: 'retry' };

  it.each<[string, string, SagaState | undefined, SagaInput]>([
    ['a start of what began already', 'started-before', running, event('tour.requested')],
    ['a retry of what has not failed', 'nothing-to-retry', running, retry],
    ['a reply to what never began', 'unknown-saga', undefined, event('ship.booked')],
    ['an abort of what never began', 'unknown-saga', undefined, event('tour.recalled')],
    ['a retry of what never began', 'unknown-saga', undefined, retry],
  ])('is %s: %s', (_, reason, before, input) => {
    expect(decide(tour, before, input, NOW)).toStrictEqual({ kind: 'ignored', reason });
  });
});

describe('a timer', () => {
  const awaited: SagaTimer = { step: 'ship', kind: 'step', attempt: 1, dueAtSeconds: NOW_SECONDS + 60 };
  const before = stateOf('running', { ship: progress('requested'), truck: progress('done') });

  it('is handled if the step waits for it', () => {
    expect(outcomeOf(decide(tour, before, timer(awaited), NOW), 'ship')).toBe('step-sent-again: requested');
  });

  it.each<[string, Partial<SagaTimer>]>([
    ['another attempt', { attempt: 2 }],
    ['another time', { dueAtSeconds: NOW_SECONDS + 61 }],
    ['another kind', { kind: 'compensation' }],
    ['a step that waits for nothing', { step: 'truck' }],
    ['a step that was never asked for', { step: 'crane' }],
    ['a step that there is not', { step: 'train' }],
  ])('is late if it is of %s', (_, change) => {
    const decision = decide(tour, before, timer({ ...awaited, ...change }), NOW);

    expect(decision).toStrictEqual({ kind: 'ignored', reason: 'late-timer' });
  });

  it('is late if its step was removed from the declaration', () => {
    const old = stateOf('running', { train: progress('requested') });

    const decision = decide(tour, old, timer({ ...awaited, step: 'train' }), NOW);

    expect(decision).toStrictEqual({ kind: 'ignored', reason: 'late-timer' });
  });

  it('is distinct for each attempt, even if two are due at the same second', () => {
    const due = NOW_SECONDS + 600;
    const asked = stateOf('running', { ship: { phase: 'requested', since: 1, attempt: 1, dueAtSeconds: due } });

    const move = moveOf(decide(tour, asked, timer({ ...awaited, dueAtSeconds: due }), NOW));

    expect(move.timers).toStrictEqual([{ step: 'ship', kind: 'step', attempt: 2, dueAtSeconds: due }]);
    expect(move.cancelled).toStrictEqual([{ step: 'ship', kind: 'step', attempt: 1, dueAtSeconds: due }]);
  });

  it('of a compensation that was removed from the declaration fails the compensation permanently', () => {
    const undoing = stateOf('compensating', { store: progress('compensating') });

    const decision = decide(tour, undoing, timer({ ...awaited, step: 'store', kind: 'compensation' }), NOW);

    expect(outcomeOf(decision, 'store')).toBe('compensation-failed: compensation-failed');
  });

  it('fails a step after its last attempt, and a compensation as well', () => {
    const due = NOW_SECONDS + 60;
    const second = { since: 4, attempt: 2, dueAtSeconds: due } as const;
    const asked = stateOf('running', { ship: { phase: 'requested', ...second } });
    const undoing = stateOf('compensating', { ship: { phase: 'compensating', ...second } });

    const givenUp = decide(tour, asked, timer({ ...awaited, attempt: 2 }), NOW);
    const failed = decide(tour, undoing, timer({ ...awaited, kind: 'compensation', attempt: 2 }), NOW);

    expect(outcomeOf(givenUp, 'ship')).toBe('step-given-up: compensating');
    expect(outcomeOf(failed, 'ship')).toBe('compensation-failed: compensation-failed');
  });
});

describe('an instance that was migrated', () => {
  const migrated = (definition: SagaDefinition, state: SagaState, running: readonly SagaTimer[] = []) =>
    decide(definition, state, event('tour.requested'), NOW, running);

  it.each(['completed', 'compensated'] as const)('is unchanged if it is %s', (status) => {
    const over = stateOf(status, { ship: progress('done'), ticket: progress('done') }, { stage: 3, answered: true });

    expect(migrated(tour, over)).toStrictEqual({ kind: 'ignored', reason: 'started-before' });
  });

  it('ends if nothing is left to compensate, with or without an answer event', () => {
    const before = stateOf('compensating', { ship: progress('compensated') });

    const reported = moveOf(migrated(tour, before));
    const unreported = moveOf(migrated(defineTour({ answers: false }), before));

    expect([reported.transition, reported.state.status, sentBy(reported)]).toStrictEqual([
      'migrated',
      'compensated',
      ['tour.failed'],
    ]);
    expect([unreported.transition, unreported.state.status, sentBy(unreported)]).toStrictEqual([
      'migrated',
      'compensated',
      [],
    ]);
  });

  it('waits for an operator if a compensation has failed, regardless of its earlier status', () => {
    const before = stateOf('compensating', { ship: progress('compensation-failed') });

    const move = moveOf(migrated(defineTour({ answers: false }), before));

    expect([move.transition, move.state.status, sentBy(move)]).toStrictEqual(['migrated', 'compensation-failed', []]);
  });

  it.each([
    ['requested', 'running', 'step'],
    ['compensating', 'compensating', 'compensation'],
    ['compensation-delayed', 'compensating', 'compensation-retry'],
  ] as const)('gets a timer for a step that is %s and had none', (phase, status, kind) => {
    const waiting = { phase, since: 1, attempt: 2, dueAtSeconds: NOW_SECONDS + 90 } as const;

    const move = moveOf(migrated(tour, stateOf(status, { ship: waiting })));

    expect(move.timers).toStrictEqual([{ step: 'ship', kind, attempt: 2, dueAtSeconds: NOW_SECONDS + 90 }]);
    expect(move.state.steps['ship']).toStrictEqual({ ...waiting, since: 6 });
  });

  it('is compensated by an abort that waited for the pivot if the pivot is no longer pending', () => {
    const steps = { ship: progress('requested') };
    const waiting = [{ step: 'payment', kind: 'step', attempt: 1, dueAtSeconds: NOW_SECONDS + 60 }] as const;

    const move = moveOf(migrated(tour, stateOf('running', steps, { abortRequested: 'tour.recalled' }), waiting));

    expect([move.transition, move.state.status, sentBy(move)]).toStrictEqual([
      'migrated',
      'compensating',
      ['ship.undo'],
    ]);
    expect(move.state.failure).toStrictEqual({ kind: 'aborted', eventType: 'tour.recalled' });
  });

  it('delays an abort while the pivot is pending, and continues if the pivot succeeded', () => {
    const aborted = { abortRequested: 'tour.recalled', stage: 2 } as const;
    const timers = [{ step: 'payment', kind: 'step', attempt: 1, dueAtSeconds: NOW_SECONDS + 60 }] as const;

    const open = migrated(tour, stateOf('running', { payment: progress('requested') }, aborted), timers);
    const decided = moveOf(migrated(tour, stateOf('running', { payment: progress('done') }, aborted), timers));

    expect(open).toStrictEqual({ kind: 'ignored', reason: 'started-before' });
    expect([decided.transition, decided.state.status, sentBy(decided)]).toStrictEqual([
      'migrated',
      'running',
      ['ticket.asked'],
    ]);
  });

  it('keeps running timers, including those that are almost due', () => {
    const soon = { since: 1, attempt: 1, dueAtSeconds: NOW_SECONDS + 5 } as const;
    const steps = { ship: { phase: 'requested', ...soon }, truck: { phase: 'requested', ...soon } } as const;
    const timers = ['ship', 'truck'].map(
      (step) => ({ step, kind: 'step', attempt: 1, dueAtSeconds: NOW_SECONDS + 5 }) as const,
    );

    expect(migrated(tour, stateOf('running', steps), timers)).toStrictEqual({
      kind: 'ignored',
      reason: 'started-before',
    });
  });

  it('gets a new timer if its migration extended the deadline', () => {
    const step = { phase: 'requested', since: 1, attempt: 1, dueAtSeconds: NOW_SECONDS + 900 } as const;
    const old: SagaTimer = { step: 'ship', kind: 'step', attempt: 1, dueAtSeconds: NOW_SECONDS + 60 };

    const move = moveOf(migrated(tour, stateOf('running', { ship: step }), [old]));

    expect(move.timers).toStrictEqual([{ ...old, dueAtSeconds: NOW_SECONDS + 900 }]);
    expect(move.cancelled).toStrictEqual([old]);
  });
});
