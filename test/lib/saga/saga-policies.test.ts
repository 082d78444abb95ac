import { describe, expect, it } from 'vitest';
import { type SagaTimerData, sagaRetryRequested, sagaTimerDue } from '../../../lib/definitions/index.ts';
import type { RunningTimer } from '../../../lib/saga/index.ts';
import { createSagaRig, sent } from './saga-rig.ts';
import {
  defineTrip,
  FlightBooked,
  FlightCancelled,
  FlightCancelRefused,
  FlightRefused,
  HotelBooked,
  HotelCancelled,
  HotelCancelRefused,
  HotelRefused,
  Paid,
  PaymentCalledOff,
  PaymentRefused,
  TicketSent,
  TripAbandoned,
  TripRequested,
} from './trip.ts';

const TRIP = { tripId: '7' };
const FLIGHT = { tripId: '7', seat: '12A' };

async function started(saga = defineTrip()) {
  const rig = createSagaRig(saga);
  await rig.when(TripRequested, TRIP);
  return rig;
}

/** Flight and hotel are booked, the payment's command is out. */
async function atThePivot() {
  const rig = await started();
  await rig.when(FlightBooked, FLIGHT);
  await rig.when(HotelBooked, TRIP);
  return rig;
}

describe('a successful saga', () => {
  it('sends the commands of parallel steps together, and the next one when all have succeeded', async () => {
    const { when } = createSagaRig(defineTrip());

    const asked = await when(TripRequested, TRIP);
    const half = await when(HotelBooked, TRIP);
    const whole = await when(FlightBooked, FLIGHT);

    expect(sent(asked)).toStrictEqual(['flight.requested', 'hotel.requested']);
    expect(sent(half)).toStrictEqual([]);
    expect(sent(whole)).toStrictEqual(['payment.requested']);
  });

  it('ends with the answer, keeps the collected data, and has no timers', async () => {
    const { when, reader, timers, counted } = await atThePivot();

    await when(Paid, TRIP);
    const end = await when(TicketSent, TRIP);

    expect(sent(end)).toStrictEqual(['trip.booked']);
    expect(await reader.status('7')).toMatchObject({ status: 'completed', revision: 5, data: FLIGHT });
    expect(timers.running()).toStrictEqual([]);
    expect(counted).toStrictEqual(['SagasStarted', 'SagasCompleted']);
  });
});

describe('a refused step', () => {
  it('compensates the completed steps in reverse order, then answers with the reason', async () => {
    const { when, reader } = await atThePivot();

    const refused = await when(PaymentRefused, TRIP);
    const first = await when(HotelCancelled, TRIP);
    const second = await when(FlightCancelled, TRIP);

    expect([sent(refused), sent(first), sent(second)]).toStrictEqual([
      ['hotel.cancel-requested'],
      ['flight.cancel-requested'],
      ['trip.failed'],
    ]);
    expect(second.events[0]?.data).toStrictEqual({ tripId: '7', reason: 'payment refused' });
    expect((await reader.status('7'))?.failure).toStrictEqual({
      kind: 'refused',
      step: 'payment',
      eventType: 'com.example.payment.refused',
    });
  });

  it('in a parallel stage compensates the other steps, even if they are not done yet', async () => {
    const { when } = await started();

    const refused = await when(FlightRefused, TRIP);
    const undone = await when(HotelCancelled, TRIP);

    expect([sent(refused), sent(undone)]).toStrictEqual([['hotel.cancel-requested'], ['trip.failed']]);
  });
});

describe('a timeout', () => {
  it('compensates the step as well, because it may have been done', async () => {
    const { when, timeOut, counted } = await started(defineTrip({ inSequence: true }));
    await when(FlightBooked, FLIGHT);

    const late = await timeOut();
    const hotel = await when(HotelCancelled, TRIP);
    const flight = await when(FlightCancelled, TRIP);

    expect([sent(late), sent(hotel), sent(flight)]).toStrictEqual([
      ['hotel.cancel-requested'],
      ['flight.cancel-requested'],
      ['trip.failed'],
    ]);
    expect(flight.events[0]?.data).toStrictEqual({ tripId: '7', reason: 'hotel timeout' });
    expect(counted).toStrictEqual(['SagasStarted', 'SagaTimeouts', 'SagasCompensated']);
  });

  it('resends the command up to the step’s limit, then compensates it', async () => {
    const { timeOut } = await started(defineTrip({ inSequence: true }));

    expect(sent(await timeOut())).toStrictEqual(['flight.requested']);
    expect(sent(await timeOut())).toStrictEqual(['flight.cancel-requested']);
  });

  it('is ignored and counted if the step was already answered', async () => {
    const { when, timers, counted } = await started(defineTrip({ inSequence: true }));
    const [timer] = timers.running();
    await when(FlightBooked, FLIGHT);

    const outcome = await when(sagaTimerDue('trip'), timerData(timer));

    expect(outcome.writes).toStrictEqual([]);
    expect(counted.at(-1)).toBe('SagaEventsIgnored');
  });

  it('is ignored if it belongs to an attempt whose commit failed', async () => {
    const { when, timers } = await started(defineTrip({ inSequence: true }));
    const [timer] = timers.running();
    const stale = { ...timerData(timer), dueAtSeconds: timerData(timer).dueAtSeconds - 300 };

    expect((await when(sagaTimerDue('trip'), stale)).writes).toStrictEqual([]);
  });

  it('is ignored if it belongs to the step but its compensation is pending', async () => {
    const { when, timers } = await started(defineTrip({ inSequence: true }));
    await when(FlightBooked, FLIGHT);
    await when(TripAbandoned, TRIP);
    const compensation = timerData(timers.running()[0]);

    const late = await when(sagaTimerDue('trip'), { ...compensation, kind: 'step' });

    expect(compensation.kind).toBe('compensation');
    expect(late.writes).toStrictEqual([]);
  });

  it("of an unknown saga is ignored, even with unknownSagas 'fail'", async () => {
    const { when, counted } = createSagaRig(defineTrip({ unknownSagas: 'fail' }));
    const timer = { sagaId: '7', group: 'trip#7', step: 'flight', kind: 'step', attempt: 1, dueAtSeconds: 9 } as const;

    expect((await when(sagaTimerDue('trip'), timer)).kind).toBe('handled');
    expect(counted).toStrictEqual(['SagaEventsIgnored']);
  });

  it('of the pivot compensates the pivot before other steps', async () => {
    const { when, timeOut } = await atThePivot();

    expect(sent(await timeOut())).toStrictEqual(['payment.requested']);
    expect(sent(await timeOut())).toStrictEqual(['payment.call-off-requested']);
    expect(sent(await when(PaymentCalledOff, TRIP))).toStrictEqual(['hotel.cancel-requested']);
  });

  it('of the pivot is reverted if the pivot turns out to have succeeded', async () => {
    const { when, timeOut, reader } = await atThePivot();
    await timeOut();
    await timeOut();

    const paid = await when(Paid, TRIP);

    expect(sent(paid)).toStrictEqual(['ticket.requested']);
    const status = await reader.status('7');
    expect(status?.status).toBe('running');
    expect(status?.failure).toBeUndefined();
  });

  it('after the pivot only resends the command', async () => {
    const { when, timeOut } = await atThePivot();
    await when(Paid, TRIP);

    for (let round = 0; round < 5; round++) expect(sent(await timeOut())).toStrictEqual(['ticket.requested']);
  });
});

describe('a late reply', () => {
  it('of a success is compensated in turn if the compensation was not sent yet', async () => {
    const { when, reader } = await started();
    await when(TripAbandoned, TRIP);

    const late = await when(FlightBooked, FLIGHT);
    const hotel = await when(HotelCancelled, TRIP);

    expect(late.writes.length).toBeGreaterThan(0);
    expect(sent(hotel)).toStrictEqual(['flight.cancel-requested']);
    expect((await reader.status('7'))?.data).toStrictEqual(FLIGHT);
  });

  it('is ignored if the step is being compensated, or was', async () => {
    const { when, counted } = await started();
    await when(TripAbandoned, TRIP);

    const during = await when(HotelBooked, TRIP);
    await when(HotelCancelled, TRIP);
    const after = await when(HotelBooked, TRIP);

    expect([during.writes, after.writes]).toStrictEqual([[], []]);
    expect(counted.filter((name) => name === 'SagaEventsIgnored')).toHaveLength(2);
  });

  it('of a refusal leaves nothing to compensate', async () => {
    const { when } = await started();
    await when(TripAbandoned, TRIP);
    await when(FlightRefused, TRIP);

    expect(sent(await when(HotelCancelled, TRIP))).toStrictEqual(['trip.failed']);
  });

  it('of a success after a refusal is compensated, even after the end, without a second answer', async () => {
    const { when, reader } = await started(defineTrip({ inSequence: true }));
    const failed = await when(FlightRefused, TRIP);

    const success = await when(FlightBooked, FLIGHT);
    const undone = await when(FlightCancelled, TRIP);

    expect([sent(failed), sent(success), sent(undone)]).toStrictEqual([
      ['trip.failed'],
      ['flight.cancel-requested'],
      [],
    ]);
    expect((await reader.status('7'))?.status).toBe('compensated');
  });
});

describe('a pivot that succeeds after it was refused', () => {
  it('is a contradiction and does not stop the compensation', async () => {
    const { when, counted } = await atThePivot();
    await when(PaymentRefused, TRIP);

    expect((await when(Paid, TRIP)).writes).toStrictEqual([]);
    expect(counted.at(-1)).toBe('SagaEventsIgnored');
  });
});

describe('a duplicate reply', () => {
  it('changes nothing, with the same id or another', async () => {
    const { when, consumer, counted } = await started();
    await when(FlightBooked, FLIGHT);

    const again = await consumer.again();
    const another = await when(FlightBooked, { ...FLIGHT, seat: '14C' });

    expect(again.kind).toBe('duplicate');
    expect(another.writes).toStrictEqual([]);
    expect(counted.at(-1)).toBe('SagaEventsIgnored');
  });

  it('to a finished saga changes nothing', async () => {
    const { when } = await atThePivot();
    await when(Paid, TRIP);
    await when(TicketSent, TRIP);

    const outcomes = [await when(TicketSent, TRIP), await when(FlightRefused, TRIP), await when(TripRequested, TRIP)];

    expect(outcomes.map(({ kind, writes }) => [kind, writes])).toStrictEqual([
      ['handled', []],
      ['handled', []],
      ['handled', []],
    ]);
  });

  it('has one effect if the process crashes after the commit', async () => {
    const { when, consumer, harness } = await started(defineTrip({ inSequence: true }));

    const crashed = await when(FlightBooked, FLIGHT, { crash: 'after-commit' });
    const again = await consumer.again();

    expect([crashed.kind, again.kind]).toStrictEqual(['crashed', 'duplicate']);
    expect(harness.events().filter(({ type }) => type === 'com.example.hotel.requested')).toHaveLength(1);
  });
});

describe('a reply to an unknown saga', () => {
  it('is ignored and counted by default', async () => {
    const { when, counted } = createSagaRig(defineTrip());

    expect((await when(FlightBooked, FLIGHT)).kind).toBe('handled');
    expect(counted).toStrictEqual(['SagasUnknown']);
  });

  it("fails with unknownSagas 'fail', and is retried", async () => {
    const { when } = createSagaRig(defineTrip({ unknownSagas: 'fail' }));

    expect(await when(FlightBooked, FLIGHT)).toMatchObject({
      kind: 'failed',
      failure: { code: 'SAGA_UNKNOWN', isFinal: false },
    });
  });

  it('fails only if the saga does not exist, not if it changes nothing', async () => {
    const { when } = await started(defineTrip({ unknownSagas: 'fail' }));
    await when(FlightBooked, FLIGHT);

    expect((await when(FlightBooked, FLIGHT)).kind).toBe('handled');
  });

  it('is ignored if its step was never requested', async () => {
    const { when, counted } = await started();

    expect((await when(TicketSent, TRIP)).writes).toStrictEqual([]);
    expect(counted.at(-1)).toBe('SagaEventsIgnored');
  });
});

describe('a failed compensation', () => {
  async function hotelWillNotCancel() {
    const rig = await started();
    await rig.when(FlightRefused, TRIP);
    return rig;
  }

  it('is retried after a delay', async () => {
    const { when, timeOut, timers } = await hotelWillNotCancel();

    const refused = await when(HotelCancelRefused, TRIP);
    const [delay] = timers.running();
    const again = await timeOut();

    expect(sent(refused)).toStrictEqual([]);
    expect(delay).toMatchObject({ step: 'hotel', kind: 'compensation-retry', attempt: 1 });
    expect(sent(again)).toStrictEqual(['hotel.cancel-requested']);
  });

  it('is resent if it is not answered', async () => {
    const { timeOut } = await hotelWillNotCancel();

    expect(sent(await timeOut())).toStrictEqual(['hotel.cancel-requested']);
  });

  it('has its own status and metric after its last attempt, and compensates no earlier step', async () => {
    const { when, timeOut, timers, reader, counted } = await atThePivot();
    await when(PaymentRefused, TRIP);
    await when(HotelCancelRefused, TRIP);
    await timeOut();

    const last = await when(HotelCancelRefused, TRIP);

    expect(sent(last)).toStrictEqual([]);
    expect(timers.running()).toStrictEqual([]);
    expect(await reader.status('7')).toMatchObject({
      status: 'compensation-failed',
      steps: { flight: { phase: 'done' }, hotel: { phase: 'compensation-failed' } },
    });
    expect(counted.at(-1)).toBe('SagaCompensationsFailed');
  });

  it('is retried by an operator, and the saga is compensated completely', async () => {
    const { when, timeOut, reader } = await hotelWillNotCancel();
    await timeOut();
    await timeOut();
    const retry = { sagaId: '7', group: 'trip#7', by: 'ada@desk' };

    const retried = await when(sagaRetryRequested('trip'), retry);
    const undone = await when(HotelCancelled, TRIP);

    expect([sent(retried), sent(undone)]).toStrictEqual([['hotel.cancel-requested'], ['trip.failed']]);
    expect((await reader.status('7'))?.status).toBe('compensated');
  });

  it('gets all its attempts again after an operator’s retry', async () => {
    const { when, timeOut, timers, reader } = await hotelWillNotCancel();
    await timeOut();
    await timeOut();

    await when(sagaRetryRequested('trip'), { sagaId: '7', group: 'trip#7', by: 'ada@desk' });
    const attempts = [timers.running().map(({ attempt }) => attempt)];
    await timeOut();
    attempts.push(timers.running().map(({ attempt }) => attempt));
    await timeOut();

    expect(attempts).toStrictEqual([[1], [2]]);
    expect((await reader.status('7'))?.status).toBe('compensation-failed');
  });

  it('continues by itself if its success arrives late', async () => {
    const { when, timeOut, reader } = await hotelWillNotCancel();
    await timeOut();
    await timeOut();
    expect((await reader.status('7'))?.status).toBe('compensation-failed');

    expect(sent(await when(HotelCancelled, TRIP))).toStrictEqual(['trip.failed']);
  });

  it('rejects a retry that is not needed', async () => {
    const { when, counted } = await started();

    expect((await when(sagaRetryRequested('trip'), { sagaId: '7', group: 'trip#7', by: 'ada' })).writes).toEqual([]);
    expect(counted.at(-1)).toBe('SagaEventsIgnored');
  });
});

describe('an abort', () => {
  it('before the pivot compensates every requested step', async () => {
    const { when } = await started();
    await when(FlightBooked, FLIGHT);

    const aborted = await when(TripAbandoned, TRIP);
    await when(HotelCancelled, TRIP);
    const end = await when(FlightCancelled, TRIP);

    expect(sent(aborted)).toStrictEqual(['hotel.cancel-requested']);
    expect(end.events[0]?.data).toStrictEqual({ tripId: '7', reason: 'abandoned' });
  });

  it('while the pivot is pending waits for its result, and a success stands', async () => {
    const { when, reader } = await atThePivot();

    const aborted = await when(TripAbandoned, TRIP);
    const paid = await when(Paid, TRIP);

    expect([sent(aborted), sent(paid)]).toStrictEqual([[], ['ticket.requested']]);
    expect(await reader.status('7')).not.toHaveProperty('abortRequested');
  });

  it('while the pivot is pending waits for its result, and is the reason after a refusal', async () => {
    const { when } = await atThePivot();
    await when(TripAbandoned, TRIP);

    await when(PaymentRefused, TRIP);
    await when(HotelCancelled, TRIP);
    const end = await when(FlightCancelled, TRIP);

    expect(end.events[0]?.data).toStrictEqual({ tripId: '7', reason: 'abandoned' });
  });

  it('after the pivot is ignored', async () => {
    const { when } = await atThePivot();
    await when(Paid, TRIP);

    expect((await when(TripAbandoned, TRIP)).writes).toStrictEqual([]);
  });

  it('that is requested twice is done once', async () => {
    const { when } = await atThePivot();
    await when(TripAbandoned, TRIP);

    expect((await when(TripAbandoned, TRIP)).writes).toStrictEqual([]);
  });

  it('is not lost if a step refuses at the same time', async () => {
    const { when } = await started();
    await when(HotelRefused, TRIP);
    await when(TripAbandoned, TRIP);

    const end = await when(FlightCancelled, TRIP);

    expect(end.events[0]?.data).toStrictEqual({ tripId: '7', reason: 'hotel refused' });
  });

  it('does not retry a compensation that was refused before', async () => {
    const { when } = await started(defineTrip({ inSequence: true }));
    await when(TripAbandoned, TRIP);

    expect(sent(await when(FlightCancelRefused, TRIP))).toStrictEqual([]);
  });
});

function timerData(timer: RunningTimer | undefined): SagaTimerData {
  if (timer === undefined) throw new Error('no timer runs');
  const { saga: _saga, tenantId: _tenant, correlationId: _correlation, ...data } = timer;
  return data;
}
