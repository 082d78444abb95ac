import { WaybillError } from '../definitions/index.ts';

/** The handlers of an API are not those of its routes. */
export class ApiHandlersError extends WaybillError {
  readonly code = 'API_HANDLERS_INVALID';

  constructor(api: string, missing: readonly string[], unknown: readonly string[]) {
    const problems = [
      ...(missing.length > 0 ? [`no handler of '${missing.join("', '")}'`] : []),
      ...(unknown.length > 0 ? [`no route '${unknown.join("', '")}'`] : []),
    ];
    super(`API '${api}' must have one handler per route: there is ${problems.join(', and ')}`);
  }
}

/** A handler answers what its route does not declare. Nothing was committed. */
export class AnswerInvalidError extends WaybillError {
  readonly code = 'API_ANSWER_INVALID';

  constructor(routeKey: string, problem: string) {
    super(`the handler of '${routeKey}' must answer as its route declares: ${problem}`);
  }
}

/** Another execution has taken over the request's idempotency key. Nothing was committed. */
export class RequestClaimLostError extends WaybillError {
  readonly code = 'API_CLAIM_LOST';

  constructor() {
    super('another execution has claimed the idempotency key, because this one took longer than its time-out');
  }
}

/** The construct declares another API than the code serves. */
export class ApiWiringError extends WaybillError {
  readonly code = 'API_WIRING';

  constructor(constructName: string, codeName: string) {
    super(
      `the construct declares API '${constructName}', but its code serves API '${codeName}': give the construct the entry of '${constructName}', or both the same API`,
    );
  }
}
