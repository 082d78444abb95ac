import { createRandom } from '../../../../local/seeded-random.ts';
import type { AccessTokens } from './access-tokens.ts';
import type { HttpJournal } from './http-journal.ts';
import { type ApiAnswer, type ApiRequest, memberAt, NoAnswerError, type SendRequest } from './send-request.ts';

/** Trouble on the way between a client and the shop's API. */
export type HttpFault =
  /** The API has answered, and the connection is lost before the client hears of it. */
  | 'lost-answer'
  /** The client sends a command that was answered once more, with its key. */
  | 'repeat'
  /** Two processes of the client send the same command at the same time, with its key. */
  | 'at-once'
  /** The client uses a token whose life is over. */
  | 'expired-token'
  /** API Gateway refuses the request, as there are too many. */
  | 'throttle';

/** As the summary of a run names it. */
export type HttpFaultName = `http-${HttpFault | 'key-rotation'}`;

/** Decides over each request; undefined leaves it alone. */
export type HttpFaultPlan = (request: ApiRequest) => HttpFault | undefined;

/** Of commands that have a key. */
const OF_COMMANDS: readonly HttpFault[] = ['lost-answer', 'repeat', 'at-once'];

const OF_ALL: readonly HttpFault[] = ['lost-answer', 'expired-token', 'throttle'];

/** One request of so many is disturbed. */
const DEFAULT_ONE_IN = 3;

/** So often is one command disturbed, so that a client need not try it for ever. */
const MOST_PER_KEY = 3;

/**
 * Faults of all kinds, each once in a round, so that a short run sees them all; the same ones in the same order for the same
 * seed. @param oneIn @default 3
 */
export function planHttpChaos(seed: number, oneIn: number = DEFAULT_ONE_IN): HttpFaultPlan {
  const random = createRandom(seed);
  const disturbed = new Map<string, number>();
  const [ofCommands, ofOthers] = [inRounds([...OF_COMMANDS, ...OF_ALL], random), inRounds(OF_ALL, random)];
  return ({ headers }) => {
    const { 'idempotency-key': key } = headers;
    if (random() * oneIn >= 1) return undefined;
    if (key === undefined) return ofOthers();
    const before = disturbed.get(key) ?? 0;
    if (before >= MOST_PER_KEY) return undefined;
    disturbed.set(key, before + 1);
    return ofCommands();
  };
}

/** Each kind once, in any order, and so on. */
function inRounds(kinds: readonly HttpFault[], random: () => number): () => HttpFault | undefined {
  let left: HttpFault[] = [];
  return () => {
    if (left.length === 0) left = [...new Set(kinds)];
    return left.splice(Math.floor(random() * left.length), 1)[0];
  };
}

export interface DisturbedOptions {
  readonly send: SendRequest;
  readonly plan: HttpFaultPlan;
  /** Of the client that sends. */
  readonly tokens: Pick<AccessTokens, 'expired'>;
  readonly journal: Pick<HttpJournal, 'wrong'>;
  readonly onFault: (name: HttpFaultName) => void;
}

/** Sends as it is told, with the trouble of the plan; what two answers to one command say is compared. */
export function disturbed({ send, plan, tokens, journal, onFault }: DisturbedOptions): SendRequest {
  const compare = (request: ApiRequest, first: ApiAnswer, second: ApiAnswer): void => {
    // whatever is neither done nor refused for good may be answered in any way
    if (!isSettled(first) || !isSettled(second) || textOf(first) === textOf(second)) return;
    journal.wrong(
      `${request.method} ${request.path} was answered ${textOf(first)} and ${textOf(second)} under one key`,
    );
  };

  return async (request, signal) => {
    const fault = plan(request);
    switch (fault) {
      case undefined:
        return send(request, signal);
      case 'throttle':
        onFault('http-throttle');
        return { status: 429, headers: new Headers(), body: { message: 'Too Many Requests' } };
      case 'expired-token': {
        const token = tokens.expired();
        if (token === undefined) return send(request, signal);
        onFault('http-expired-token');
        return send({ ...request, headers: { ...request.headers, authorization: `Bearer ${token}` } }, signal);
      }
      case 'lost-answer':
        await send(request, signal);
        onFault('http-lost-answer');
        throw new NoAnswerError('the answer was lost on the way');
      case 'repeat': {
        const first = await send(request, signal);
        onFault('http-repeat');
        const second = await send(request, signal);
        compare(request, first, second);
        return isSettled(first) ? first : second;
      }
      case 'at-once': {
        onFault('http-at-once');
        const [first, second] = await Promise.all([send(request, signal), send(request, signal)]);
        compare(request, first, second);
        return isSettled(first) ? first : second;
      }
    }
  };
}

/** Done, or refused for good: the API keeps the answer under the key. */
const isSettled = ({ status }: ApiAnswer): boolean =>
  status < 500 && status !== 401 && status !== 409 && status !== 429;

const textOf = ({ status, body }: ApiAnswer): string =>
  `${status} ${JSON.stringify(memberAt(body, 'orderId') ?? memberAt(body, 'code') ?? null)}`;
