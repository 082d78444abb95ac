import type { Caller, JsonObject, JsonService, RestResponse, RestService } from '../endpoint/service.ts';

/** One operation on its way to its engine, over the wire or within the process. */
export interface ServiceCall {
  /** `AmazonSQS`, `DynamoDB_20120810`, …; of a REST service its signing name. */
  readonly service: string;
  /** `SendMessage`; of a REST service method and path. */
  readonly operation: string;
  /** Of a REST service its body, as `body`. */
  readonly input: JsonObject;
  readonly caller: Caller;
}

/**
 * Stands between callers and engines. `next` reaches the engine, of a JSON service with another input if one is given;
 * what the function gives or throws is what the caller gets. Answers of REST services pass as they are.
 */
export type Intercept = (call: ServiceCall, next: (input?: JsonObject) => Promise<object>) => Promise<object>;

export function interceptJson<Service extends JsonService>(service: Service, intercept: Intercept): Service {
  return {
    ...service,
    handle: (operation, input, caller) =>
      intercept({ service: service.targetPrefix, operation, input, caller }, (changed = input) =>
        service.handle(operation, changed, caller),
      ),
  };
}

export function interceptRest(service: RestService, intercept: Intercept): RestService {
  return {
    ...service,
    async handle(request, caller) {
      const { method, path, body } = request;
      const answers: RestResponse[] = [];
      const call = {
        service: service.signingName,
        operation: `${method} ${path}`,
        input: { body: body.toString('utf8') },
        caller,
      };
      await intercept(call, async () => {
        const answer = await service.handle(request, caller);
        answers.push(answer);
        return answer;
      });
      const [answer] = answers;
      if (answer === undefined) throw new TypeError(`no answer of ${call.service} to ${call.operation}`);
      return answer;
    },
  };
}
