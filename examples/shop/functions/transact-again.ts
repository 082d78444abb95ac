import { hasCode } from 'waybill';
import type { Outbox, UnitOfWork } from 'waybill/outbox';

/** Lost races before a command is given up. */
const MOST_ATTEMPTS = 10;

/** Runs a command in a unit of work of its own, and again with what another writer has left. */
export async function transactAgain<Value>(
  outbox: Pick<Outbox, 'transact'>,
  command: (tx: UnitOfWork) => Promise<Value>,
): Promise<Value> {
  for (let attempt = 1; ; attempt++) {
    try {
      return (await outbox.transact(command)).value;
    } catch (error) {
      if (!hasCode(error, 'OUTBOX_CONDITION_FAILED') || attempt === MOST_ATTEMPTS) throw error;
    }
  }
}
