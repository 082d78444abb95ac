import { listAt } from '../../../../local/template/json.ts';
import { type CommandAnswerDeps, commandAnswer } from '../operator/command-answer.ts';

/**
 * What the runbook asks of an operator after a strict consumer got another queue: the log has every event, but the messages
 * that lay in the old queue are gone. What nobody has handled is sent again, and what groups wait for.
 * @returns how many events were sent
 */
export async function resendMissing(consumer: string, deps: CommandAnswerDeps): Promise<number> {
  const answer = await commandAnswer(['audit', '--consumer', consumer, '--grace', '0', '--resend', '--waiting'], deps);
  return listAt(answer, 'found').length;
}
