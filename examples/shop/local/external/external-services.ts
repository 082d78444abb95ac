import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { EngineClock } from '../../../../local/clock.ts';
import { createLoopbackGuard, type LoopbackGuard, refuse } from '../../../../local/loopback-guard.ts';
import { createRandom } from '../../../../local/seeded-random.ts';
import { createCarrierSystem } from './carrier.ts';
import { createCourierSystem } from './courier.ts';
import { createDesk, type Desk } from './desk.ts';
import type { ExternalFault, ExternalFaultPlan } from './external-faults.ts';
import type { FeedName, ForeignReply, ServiceName, SystemName } from './foreign-system.ts';
import { createFraudCheckSystem } from './fraud-check.ts';
import { createIdempotentSystem, type IdempotentSystem } from './idempotent-system.ts';
import { type ExternalLedger, openBook } from './ledger.ts';
import { createMailerSystem } from './mailer.ts';
import { createPaymentGatewaySystem } from './payment-gateway.ts';
import { createRequestedFaults } from './requested-faults.ts';
import { createCarrierFeed, isOfCarrier, isTrackingList } from './suppliers/carrier-feed.ts';
import type { FeedRequest, FeedSystem } from './suppliers/feed-system.ts';
import { isPageFault } from './suppliers/page-faults.ts';
import { NO_SUPPLIER_CHAOS, type SupplierChaos } from './suppliers/supplier-faults.ts';
import { createSuppliers, type Suppliers } from './suppliers/suppliers.ts';
import type { TrackingFault, TrackingFaultPlan } from './tracking-faults.ts';
import { createTrackingSender, type TrackingSender } from './tracking-sender.ts';
import { isJson, readJson, sendDisturbed, sendJson } from './transport.ts';

export interface ExternalServicesOptions {
  /** 0 takes a free port. @default 0 */
  readonly port?: number;
  readonly clock: EngineClock;
  /** Of the references that the systems give out. @default 1 */
  readonly seed?: number;
  /** Trouble by plan, such as `planExternalChaos(seed)`; what was asked for by `disturb` comes first. @default none */
  readonly faults?: ExternalFaultPlan;
  /** Trouble with the messages of the carriers. @default none */
  readonly trackingFaults?: TrackingFaultPlan;
  readonly onTrackingFault?: (fault: TrackingFault) => void;
  /** Whether some messages of the carrier are only in its list. @default false */
  readonly losesTracking?: boolean;
  /** Trouble of those who are read from, by plan, such as `planSupplierChaos(seed)`. @default none */
  readonly supplierChaos?: SupplierChaos;
}

/** The shop's external systems on this machine, with all that they did. */
export interface ExternalServices {
  /** `http://127.0.0.1:<port>`: for people, see `GET /`. */
  readonly url: string;
  readonly paymentGatewayUrl: string;
  readonly fraudCheckUrl: string;
  readonly carrierUrl: string;
  readonly courierUrl: string;
  readonly mailerUrl: string;
  readonly supplierAUrl: string;
  readonly supplierBUrl: string;
  /** The URLs as CDK context: what the shop is to be synthesized with. */
  readonly context: Readonly<
    Record<`shop:${'paymentGateway' | 'fraudCheck' | 'carrier' | 'courier' | 'mailer'}Url`, string>
  >;
  /** Those of the suppliers, for a shop that has its catalog from them. */
  readonly supplierContext: Readonly<Record<`shop:${'supplierA' | 'supplierB'}Url`, string>>;
  readonly suppliers: Omit<Suppliers, 'systems'>;
  /** The carriers' messages of parcels on their way. */
  readonly tracking: TrackingSender;
  /** What they did up to now. */
  ledger(): ExternalLedger;
  /** Disturbs the next requests of a system. @param times how many. @default 1 */
  disturb(system: SystemName, fault: ExternalFault, times?: number): void;
  /** Takes back what `disturb` asked for and has not happened. */
  calm(): void;
  /** Ends open connections and frees the port; safe to call twice. */
  close(): Promise<void>;
}

/** Loopback only: nothing here asks who is calling. */
const HOST = '127.0.0.1';

const DEFAULT_SEED = 1;

/** Opens a payment gateway, a fraud check, two carriers and a mail service behind one port, each below a path of its own name. */
export async function openExternalServices(options: ExternalServicesOptions): Promise<ExternalServices> {
  const { clock, port = 0, faults = () => undefined } = options;
  const random = createRandom(options.seed ?? DEFAULT_SEED);
  const newRef = (prefix: string) => `${prefix}_${Math.floor(random() * 2 ** 48).toString(36)}`;
  const book = openBook();
  const requests = { received: 0, repeated: 0, disturbed: 0 };
  const requested = createRequestedFaults();
  const tracking = createTrackingSender({
    clock,
    newRef,
    faults: options.trackingFaults ?? (() => undefined),
    onFault: options.onTrackingFault ?? (() => undefined),
    isLost: options.losesTracking === true ? isOfCarrier : () => false,
  });
  const chaos = options.supplierChaos ?? NO_SUPPLIER_CHAOS;
  const { systems: supplierFeeds, ...suppliers } = createSuppliers({
    clock,
    seed: options.seed ?? DEFAULT_SEED,
    newRef,
    tellingFault: chaos.ofTelling,
  });
  const feeds: Readonly<Record<FeedName, FeedSystem>> = {
    ...supplierFeeds,
    carrier: createCarrierFeed(tracking.happened),
  };
  const parcels = { book, onBooked: tracking.parcelBooked };
  const systems: Readonly<Record<ServiceName, IdempotentSystem>> = {
    'payment-gateway': createIdempotentSystem(createPaymentGatewaySystem(book, clock, newRef)),
    'fraud-check': createIdempotentSystem(createFraudCheckSystem(book, clock, newRef)),
    carrier: createIdempotentSystem(createCarrierSystem(parcels, clock, newRef)),
    courier: createIdempotentSystem(createCourierSystem(parcels, clock, newRef)),
    mailer: createIdempotentSystem(createMailerSystem(book, clock, newRef)),
  };
  const wait = (delayMs: number) =>
    delayMs === 0 ? Promise.resolve() : new Promise<void>((resolve) => void clock.schedule(delayMs, resolve));
  const ledger = (): ExternalLedger => ({
    assessments: [...book.assessments],
    charges: [...book.charges],
    refunds: [...book.refunds],
    parcels: [...book.parcels],
    mails: [...book.mails],
    requests: { ...requests },
  });

  const onDisturbed = () => {
    requests.disturbed += 1;
  };
  const serve = async (system: ServiceName, request: IncomingMessage, response: ServerResponse, path: string) => {
    requests.received += 1;
    const body = await readJson(request);
    const isQuestion = request.method === 'GET';
    if (!isQuestion && (request.method !== 'POST' || body === undefined)) {
      return sendJson(response, 400, { error: { code: 'REQUEST_INVALID', text: 'POST a JSON object' } });
    }
    const idempotencyKey = request.headers['idempotency-key']?.toString() ?? '';
    const canBear = (fault: ExternalFault) => !isPageFault(fault);
    const fault = requested.take(system, canBear) ?? faults({ system, path, idempotencyKey });
    const delayMs = fault?.kind === 'slow' ? fault.delayMs : 0;
    const refusal = fault?.kind === 'refuse' ? fault.code : undefined;
    const perform = async (): Promise<ForeignReply> => {
      if (isQuestion || body === undefined) {
        await wait(delayMs);
        return systems[system].look({ path, query: queryOf(request) });
      }
      const asked = { path, body, idempotencyKey };
      const { reply, isRepeated } = await systems[system].answer(asked, refusal, () => wait(delayMs));
      if (isRepeated) requests.repeated += 1;
      return reply;
    };
    return sendDisturbed({ request, response }, fault, perform, onDisturbed);
  };

  const serveFeed = async (system: FeedName, request: IncomingMessage, response: ServerResponse, path: string) => {
    requests.received += 1;
    const read: FeedRequest = {
      method: request.method ?? 'GET',
      path,
      query: queryOf(request),
      header: (name) => request.headers[name]?.toString(),
      body: await readJson(request),
    };
    const feed = feeds[system];
    const isPage = feed.isPage(read);
    const fault = requested.take(system, (each) => isPage || !isPageFault(each)) ?? chaos.ofRequest(system, isPage);
    const perform = async (): Promise<ForeignReply> => {
      if (fault?.kind === 'slow') await wait(fault.delayMs);
      return feed.answer(read, isPageFault(fault) ? fault : undefined);
    };
    return sendDisturbed({ request, response }, fault, perform, onDisturbed);
  };

  const desk: Desk = createDesk({ ledger, requested });
  let bound = 0;
  const guard = createLoopbackGuard(() => bound);
  const server = createServer((request, response) => {
    const problem = problemOfForeign(request, guard);
    if (problem !== undefined) return refuse(response, problem);
    // not `new URL`: it throws for paths that anybody may send, such as `//`
    const [pathname = '/'] = (request.url ?? '/').split('?', 1);
    const [, name = ''] = pathname.split('/', 2);
    const path = pathname.slice(name.length + 1);
    const isOfFeed = !isSystem(name, systems) || isTrackingList(name, path);
    const answered =
      isOfFeed && isSystem(name, feeds)
        ? serveFeed(name, request, response, path)
        : isSystem(name, systems)
          ? serve(name, request, response, path)
          : readJson(request).then((body) => {
              const { status, body: told } = desk.answer(request.method ?? 'GET', pathname, body);
              sendJson(response, status, told);
            });
    answered.catch(() => void request.socket.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, HOST, resolve);
  });
  bound = (server.address() as AddressInfo).port;
  const url = `http://${HOST}:${bound}`;
  const [paymentGatewayUrl, fraudCheckUrl] = [`${url}/payment-gateway`, `${url}/fraud-check`];
  const [carrierUrl, courierUrl, mailerUrl] = [`${url}/carrier`, `${url}/courier`, `${url}/mailer`];
  const [supplierAUrl, supplierBUrl] = [`${url}/supplier-a`, `${url}/supplier-b`];
  let closing: Promise<void> | undefined;

  return {
    url,
    paymentGatewayUrl,
    fraudCheckUrl,
    carrierUrl,
    courierUrl,
    mailerUrl,
    supplierAUrl,
    supplierBUrl,
    context: {
      'shop:paymentGatewayUrl': paymentGatewayUrl,
      'shop:fraudCheckUrl': fraudCheckUrl,
      'shop:carrierUrl': carrierUrl,
      'shop:courierUrl': courierUrl,
      'shop:mailerUrl': mailerUrl,
    },
    supplierContext: { 'shop:supplierAUrl': supplierAUrl, 'shop:supplierBUrl': supplierBUrl },
    suppliers,
    tracking,
    ledger,
    disturb: requested.add,
    calm: requested.clear,
    close() {
      tracking.close();
      suppliers.sender.close();
      closing ??= new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
      return closing;
    },
  };
}

const isSystem = <Name extends SystemName>(name: string, systems: Readonly<Record<Name, unknown>>): name is Name =>
  Object.hasOwn(systems, name);

const queryOf = ({ url }: IncomingMessage): URLSearchParams => new URLSearchParams(url?.split('?', 2)[1]);

/** Why a request may have been sent by a web page, and what to do; undefined lets it in. */
function problemOfForeign(request: IncomingMessage, guard: LoopbackGuard): string | undefined {
  const hostProblem = guard.hostProblem(request);
  if (hostProblem !== undefined) return hostProblem;
  const origin = guard.foreignOrigin(request);
  if (origin !== undefined) {
    return (
      `the Origin header says that a page of '${origin}' sent this, and the external systems of a local run take nothing from web pages: nothing here asks who is calling.\n` +
      'Use a program outside of a browser, such as curl.'
    );
  }
  // a page sends forms and plain text without asking first
  if (request.method === 'POST' && !isJson(request)) {
    return (
      `the body's content type is '${request.headers['content-type'] ?? ''}', as any web page can send it.\n` +
      "Say that it is JSON: curl -H 'content-type: application/json'."
    );
  }
  return undefined;
}
