import { describe, expect, it } from 'vitest';
import {
  SagaDataError,
  SagaIdError,
  SagaListError,
  SagaMigrationError,
  SagaRaceLostError,
  SagaTimersUnavailableError,
  SagaUnknownError,
  SagaVersionUnknownError,
} from '../../../lib/saga/index.ts';

const violationsOf = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ path: `seats.${index}`, message: 'is taken' }));

describe('an error of a saga', () => {
  it.each([
    ['SAGA_RACE_LOST', new SagaRaceLostError('trip', '7', 2)],
    ['SAGA_VERSION_UNKNOWN', new SagaVersionUnknownError('trip', '7', 2, [1, 3])],
    ['SAGA_UNKNOWN', new SagaUnknownError('trip', '7', 'com.example.flight.booked')],
    ['SAGA_TIMERS_UNAVAILABLE', new SagaTimersUnavailableError(new Error('no'))],
    ['SAGA_ID_INVALID', new SagaIdError('trip', 'com.example.flight.booked', 'tripId', '', 1024)],
    ['SAGA_DATA_INVALID', new SagaDataError('trip', '7', 1, [])],
    ['SAGA_MIGRATION_INVALID', new SagaMigrationError('trip', '7', 1, 2, [])],
    ['SAGA_LIST_INVALID', new SagaListError('no status')],
  ])('has a code that identifies it: %s', (code, error) => {
    expect(error).toMatchObject({ name: code, code });
  });

  it('says that the saga is unknown, and what to do', () => {
    expect(new SagaUnknownError('trip', '7', 'com.example.flight.booked').message).toBe(
      "'com.example.flight.booked' is for saga 'trip' of '7', which does not exist: it was never started, or was deleted after its retention; skip the event, or set unknownSagas to 'ignore'",
    );
  });

  it('names all versions that the code knows', () => {
    const error = new SagaVersionUnknownError('trip', '7', 2, [1, 3]);

    expect(error).toMatchObject({ sagaId: '7', version: 2 });
    expect(error.message).toBe(
      "saga 'trip' of '7' has version 2, but this code has only 1, 3: deploy code that also has version 2 or a migration from it, then redrive the dead letters; nothing was written",
    );
  });

  it('names every problem of a migration', () => {
    const error = new SagaMigrationError('trip', '7', 1, 2, ["step 'air' is lost", "step 'sea' is lost"]);

    expect(error.message).toBe(
      "saga 'trip' of '7' cannot be migrated from version 1 to 2: step 'air' is lost; step 'sea' is lost; nothing was written: fix the migration, then redrive the dead letters",
    );
  });

  it('contains the cause if a timer could not be started', () => {
    const cause = Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException' });
    const error = new SagaTimersUnavailableError(cause);

    expect(error.cause).toBe(cause);
    expect(error.message).toBe(
      'cannot start a timer: ThrottlingException: Rate exceeded; nothing was written and the event will be retried: if the Scheduler throttles, request a higher quota for CreateSchedule',
    );
  });

  it.each([
    ['a text by its length', 'ü'.repeat(600), '1200 bytes'],
    ['a number', 7, '7'],
    ['nothing', undefined, 'undefined'],
    ['an object', { id: '7' }, '{"id":"7"}'],
  ])('names the invalid value of an instance id: %s', (_, value, got) => {
    expect(new SagaIdError('trip', 'com.example.flight.booked', 'tripId', value, 1024).message).toBe(
      `'com.example.flight.booked' must have the id of its saga 'trip' in 'tripId', a string of 1 to 1024 bytes, got ${got}: make the event's schema require it`,
    );
  });

  it('names ten problems of its data, and the number of others', () => {
    const ten = new SagaDataError('trip', '7', 1, violationsOf(10));
    const twelve = new SagaDataError('trip', '7', 1, violationsOf(12));

    const told = violationsOf(10).map(({ path, message }) => `${path}: ${message}`);
    expect(ten.message).toBe(
      `the data of saga 'trip' of '7' does not match the schema of version 1: ${told.join('; ')}; nothing was written: fix the function that returned it, or raise the version and migrate`,
    );
    expect(twelve.message).toContain('seats.9: is taken; and 2 more; nothing was written');
    expect(twelve.violations).toStrictEqual(violationsOf(12));
  });
});
