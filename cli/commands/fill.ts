import { fillPlaces } from '../../lib/operations/index.ts';
import { addMs, toEpochSeconds } from '../../lib/shared/time.ts';
import type { Arguments } from '../../local/start/arguments.ts';
import { COMMON, defineCommand, SEQUENCE } from '../command.ts';
import type { ExitStatus, Operation } from '../operation.ts';
import { UsageError } from '../usage-error.ts';
import { jsonText } from '../wording.ts';

export interface FillOptions {
  readonly group: string;
  readonly from: number;
  readonly to: number;
  readonly reason: string;
  readonly by: string | undefined;
  readonly yes: boolean;
}

export const fillCommand = defineCommand({
  name: 'fill',
  usage: 'fill --group GROUP --from N [--to N] --reason TEXT [--by NAME] [--yes]',
  text: 'mark lost sequences of a group as empty, so that its consumers continue after them',
  more: [
    'For a hole in the log that can never be filled (LOG_HOLE). Does not change a sequence that has an event, or one',
    'beyond the last sequence of the group. The log keeps who marked it, when and why.',
  ],
  options: {
    group: { value: 'GROUP', text: 'the group, as the log line names it (required)' },
    from: { value: 'N', text: 'the first sequence (required)' },
    to: { value: 'N', text: 'the last sequence (default: the first)' },
    reason: { value: 'TEXT', text: 'why there is no event (required)' },
    by: { value: 'NAME', text: 'who decided it (default: user and host)' },
    yes: { text: 'do not ask for confirmation; required without a terminal' },
    ...COMMON,
  },
  rights: [{ on: 'outbox', actions: ['dynamodb:Query', 'dynamodb:PutItem'] }],
  read: readFill,
  run: fill,
});

function readFill(given: Arguments): FillOptions {
  const group = given.needed('group');
  given.needed('from');
  const from = given.number('from', SEQUENCE) ?? 0;
  const to = given.number('to', SEQUENCE) ?? from;
  if (to < from) given.refuse(`--to must not be before --from, got ${from} to ${to}`);
  return { group, from, to, reason: given.needed('reason'), by: given.text('by'), yes: given.has('yes') };
}

export async function fill(options: FillOptions, operation: Operation): Promise<ExitStatus> {
  const { group, from, to, reason, by = operation.operator, yes } = options;
  const { console, json, clock, repair, outboxRetentionSeconds } = operation;
  if (!yes) {
    const agreed = await console.confirm(
      `No consumer will ever handle events ${from} to ${to} of ${group}. Mark them as empty?`,
    );
    if (agreed === undefined) throw new UsageError('there is no terminal to ask on: add --yes to fill without asking');
    if (!agreed) {
      console.note('nothing was done');
      return 1;
    }
  }
  const at = clock.now();
  const text = { reason, by, at, expires: toEpochSeconds(addMs(at, outboxRetentionSeconds * 1000)) };
  const result = await fillPlaces(repair, { group, from, to }, text);
  if (json) console.line(jsonText({ group, ...result }));
  else if (result.kind === 'beyond') {
    console.note(`nothing was done: group ${group} has used its sequences up to ${result.lastUsed} only`);
  } else {
    const taken =
      result.taken.length === 0 ? '' : `; ${result.taken.join(', ')} not changed, because they are not empty`;
    console.line(`marked ${result.filled.length} places of group ${group} as empty${taken}`);
  }
  return result.kind === 'filled' ? 0 : 1;
}
