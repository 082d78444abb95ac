import { listAt, objectAt, stringAt } from '../../../../local/template/json.ts';
import { counted } from '../../../../local/view/counted.ts';
import { type CommandAnswerDeps, commandAnswer } from '../operator/command-answer.ts';
import { type Invariant, invariant } from './invariant.ts';

const RUN = ['reconcile', 'run', '--grace', '0', '--confirm', '0', '--rate', '100000'];

/** How long after its deployment a consumer's rule may have come, if consumers were deployed in the middle of the run. */
const DEPLOYMENT_MINUTES = 60;

/** Every event was handled or waits in a place with a name, at each consumer that takes it, and the log is complete. */
export async function checkReconciliation(
  deps: CommandAnswerDeps,
  { isRedeployed }: { readonly isRedeployed: boolean },
): Promise<Invariant> {
  const deployment = String(isRedeployed ? DEPLOYMENT_MINUTES : 0);
  const answer = await commandAnswer([...RUN, '--deployment', deployment], deps);
  const tally = objectAt(answer, 'tally');
  const standings = Object.entries(objectAt(tally, 'standings')).filter(([, count]) => Number(count) > 0);
  const places = standings.map(([standing, count]) => `${Number(count)} ${standing}`).join(', ');
  const findings = listAt(answer, 'findings').map(
    (finding) =>
      `${stringAt(finding, 'kind')} at ${stringAt(finding, 'consumer') ?? 'the log'}: ${stringAt(finding, 'group')} from ${memberOf(finding, 'from')} to ${memberOf(finding, 'to')}`,
  );
  return invariant(
    'reconciliation: every event is handled or waits in a named place',
    [`${counted(Number(memberOf(tally, 'items')), 'item')} of the log: ${places}`],
    findings,
  );
}

const memberOf = (value: unknown, name: string): unknown => objectAt({ value }, 'value')[name];
