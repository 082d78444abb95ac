import type { HttpJournal } from '../http/http-journal.ts';
import type { SendCommand } from './send-command.ts';
import type { ShopCommand } from './shop-command.ts';

/** How the run's orders come to the shop. */
export interface ShopDriver {
  readonly send: SendCommand;
  /** A command that was carried out, with the ids that the shop has given: to be sent to its functions again. */
  asCarriedOut(command: ShopCommand): ShopCommand;
  /** What goes wrong over HTTP only; undefined where its functions are invoked. */
  readonly journal: HttpJournal | undefined;
  /** Asks for what nobody may be shown, once all orders have settled. */
  probe(signal: AbortSignal): Promise<void>;
}

/** Invokes the shop's functions. */
export const lambdaDriver = (send: SendCommand): ShopDriver => ({
  send,
  asCarriedOut: (command) => command,
  journal: undefined,
  probe: async () => undefined,
});
