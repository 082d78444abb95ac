import { WaybillError } from '../contracts/index.ts';

/** The same idempotency key came with another request: a mistake of the caller, which no retry mends. */
export class IdempotencyKeyReusedError extends WaybillError {
  readonly code = 'IDEMPOTENCY_KEY_REUSED';
  readonly retryable = false;

  constructor(system: string, idempotencyKey: string) {
    super(
      `${system} knows idempotency key '${idempotencyKey}' with another request; nothing was done: use one key per request, such as the handler's idempotencyKey with the name of the call`,
    );
  }
}
