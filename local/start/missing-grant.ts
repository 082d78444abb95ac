import { WaybillError } from '../../lib/definitions/index.ts';
import type { PermissionRecords } from '../iam/permissions.ts';
import type { Screen } from '../view/screen.ts';

/** A function or rule asked for what the templates do not grant it; the message names both. */
class GrantMissingError extends WaybillError {
  readonly code = 'LOCAL_GRANT_MISSING';
}

export interface MissingGrant extends Disposable {
  /** Aborts with a GrantMissingError. */
  readonly signal: AbortSignal;
}

/** Says at once that a grant is missing, and aborts: unless the code is watched, what follows would be retries only. */
export function stopAtMissingGrant(
  permissions: Pick<PermissionRecords, 'refusals' | 'onRefusal'>,
  screen: Pick<Screen, 'warn' | 'paint'>,
  { watch }: { readonly watch: boolean },
): MissingGrant {
  const controller = new AbortController();
  const onRefusal = ({ summary }: { readonly summary: string }) => {
    if (controller.signal.aborted) return;
    const more = watch ? 'Mend it and start anew.' : 'The run ends here: it could only try the same again.';
    screen.warn(`\n${screen.paint.warn('red', `Access denied: ${summary}`)}\n${more}\n`);
    if (!watch) controller.abort(new GrantMissingError(summary));
  };
  const stopListening = permissions.onRefusal(onRefusal);
  for (const refusal of permissions.refusals()) onRefusal(refusal);
  return { signal: controller.signal, [Symbol.dispose]: stopListening };
}

/** The same for a run that goes on: who looks after it sees what is refused, each time anew. */
export const warnOfMissingGrants = (
  permissions: Pick<PermissionRecords, 'refusals' | 'onRefusal'>,
  screen: Pick<Screen, 'warn' | 'paint'>,
): Disposable => stopAtMissingGrant(permissions, screen, { watch: true });
