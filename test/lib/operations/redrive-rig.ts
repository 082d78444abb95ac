import type { RedriveDeps, RedriveRun, RedriveTerms } from '../../../lib/operations/index.ts';
import { DEFAULT_REDRIVE_TERMS, resumeRedrive, snapshot, startRedrive } from '../../../lib/operations/index.ts';
import { blockedBy, createOpsRig, noteOf } from './rig.ts';

const SOURCE = '/accounts';
const DEPOSITED = 'com.example.account.deposited';

/** What a consumer does with an event that is sent to it: handle it, fail with a message, or nothing. */
export type Behaviour = 'handle' | 'lose' | { readonly fails: string; readonly state?: 'dead' | 'retrying' };

/** `count` accounts whose first deposit is a dead letter of `billing` and holds its group, and a consumer that acts on sends. */
export async function createRedriveRig(count = 0, message = "card '12' refused") {
  const rig = createOpsRig();
  const sent: string[] = [];
  const slept: number[] = [];
  let draws = 0;
  let behave: (eventId: string) => Behaviour = () => 'handle';
  let onSleep: () => Promise<void> = async () => undefined;

  const react = async (eventId: string, group: string, sequence: number) => {
    const behaviour = behave(eventId);
    if (behaviour === 'lose') return;
    if (behaviour === 'handle') {
      await rig.handle({ source: SOURCE, id: eventId });
      const { seen = sequence } = (await rig.cursor(group)) ?? {};
      await rig.place(group, { processed: sequence, seen });
      await rig.notes.resolve(eventId);
      return;
    }
    const { fails, state = 'dead' } = behaviour;
    rig.clock.advance(1);
    await rig.notes.record({ ...noteOf(eventId, fails), state, event: placeOf(group, sequence) });
    await rig.place(group, { seen: sequence, blockedBy: blockedBy(sequence, { state, attempts: 1 }) });
  };

  const deps: RedriveDeps = {
    ...rig,
    queue: {
      resend: async (group, body) => {
        const { id, sequence } = JSON.parse(body);
        sent.push(id);
        await react(id, group, Number(sequence));
      },
    },
    pause: rig.pauseStore,
    sleep: async (ms) => {
      slept.push(ms);
      rig.clock.advance(ms);
      await onSleep();
    },
    // different for each id
    random: () => (++draws % 23) / 23,
    tidy: async () => ({ deleted: sent.length, left: 0 }),
  };

  const hold = async (account: string, text = message): Promise<string> => {
    const group = `account#${account}`;
    const [id = ''] = await rig.deposit(account);
    await rig.place(group, { seen: 1, blockedBy: blockedBy(1) });
    await rig.notes.record({ ...noteOf(id, text), event: placeOf(group, 1) });
    return id;
  };
  const ids: string[] = [];
  for (let account = 1; account <= count; account++) ids.push(await hold(String(account)));

  return {
    ...rig,
    deps,
    ids,
    sent,
    slept,
    hold,
    behave(as: (eventId: string) => Behaviour) {
      behave = as;
    },
    whenSleeping(then: () => Promise<void>) {
      onSleep = then;
    },
    async start(terms: Partial<RedriveTerms> = {}): Promise<RedriveRun> {
      const started = await startRedrive(deps, await snapshot(deps, {}), {
        filter: {},
        terms: { ...DEFAULT_REDRIVE_TERMS, ...terms },
        by: 'ann',
        reason: 'fixed',
      });
      if (started.kind !== 'started') throw new Error(`not started: ${started.kind}`);
      return started.run;
    },
    drive: (id: string, signal = new AbortController().signal) =>
      resumeRedrive(deps, id, undefined, { driver: 'ann@desk', signal }),
    itemsOf: async (id: string) => (await rig.runs.items(id)).flat(),
    run: async (id: string) => (await rig.runs.find(id))?.run,
  };
}

export const placeOf = (group: string, sequence: number, type = DEPOSITED) => ({
  source: SOURCE,
  type,
  group,
  sequence,
});
