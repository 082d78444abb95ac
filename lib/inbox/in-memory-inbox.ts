import type { Clock, EpochMs } from '../shared/time.ts';
import { addMs } from '../shared/time.ts';
import { InboxBusyError } from './errors.ts';
import type { Inbox } from './ports.ts';

type Entry = { readonly state: 'in-progress'; readonly until: EpochMs } | { readonly state: 'completed' };

/** An inbox for tests; it never expires what it remembers. */
export function createInMemoryInbox(clock: Clock): Inbox {
  const entries = new Map<string, Entry>();
  return {
    async once(event, effect, context) {
      const key = JSON.stringify([event.source, event.id]);
      const entry = entries.get(key);
      if (entry?.state === 'completed') return 'duplicate';
      if (entry?.state === 'in-progress' && entry.until >= clock.now()) throw new InboxBusyError(event);
      entries.set(key, { state: 'in-progress', until: addMs(clock.now(), context.getRemainingTimeInMillis()) });
      try {
        await effect();
      } catch (error) {
        entries.delete(key);
        throw error;
      }
      entries.set(key, { state: 'completed' });
      return 'handled';
    },
  };
}
