import type { Logger } from '@aws-lambda-powertools/logger';
import type { Context } from 'aws-lambda';
import { WaybillError } from '../definitions/index.ts';
import type { Rebuild, RebuildStatus } from '../projection/index.ts';
import { issuesText } from '../shared/schema-issues.ts';
import * as z from '../shared/zod.ts';

interface RebuildHandlerDeps {
  readonly rebuild: Rebuild;
  readonly logger: Pick<Logger, 'addContext' | 'info'>;
  /** Creates a signal that is aborted after `delayMs` milliseconds. */
  readonly signalAfter: (delayMs: number) => AbortSignal;
}

/**
 * The remaining time of the invocation at which a step is aborted, enough for one more transaction and its checkpoint.
 */
const RESERVE_MS = 5_000;

const LONGEST_STEP_MS = 900_000;

const commandSchema: z.ZodMiniType<Required<RebuildCommand>, RebuildCommand> = z.discriminatedUnion('action', [
  z.object({ action: z.literal('status') }),
  z.object({ action: z.literal('start'), acceptHorizon: z._default(z.boolean(), false) }),
  z.object({
    action: z.literal('advance'),
    forMs: z.int().check(z.minimum(1), z.maximum(LONGEST_STEP_MS)),
    acceptFailed: z._default(z.boolean(), false),
  }),
  z.object({ action: z.literal('abort') }),
]);

/** The command of the rebuild's function; `npx waybill rebuild` sends it. */
export type RebuildCommand =
  | { readonly action: 'status' }
  | {
      readonly action: 'start';
      /** The new view may lack events that the log no longer holds. @default false */
      readonly acceptHorizon?: boolean | undefined;
    }
  | {
      readonly action: 'advance';
      /** How long it runs, in milliseconds, 1 to 900000. It ends earlier if the invocation's time ends. */
      readonly forMs: number;
      /** The new view may serve although some groups failed. @default false */
      readonly acceptFailed?: boolean | undefined;
    }
  | { readonly action: 'abort' };

/** The rebuild's function was called with an invalid command. */
class RebuildCommandError extends WaybillError {
  readonly code = 'REBUILD_COMMAND_INVALID';

  constructor({ issues }: z.core.$ZodError) {
    super(`the command is not valid: ${issuesText(issues, 'command')}`);
  }
}

export const createRebuildHandler =
  ({ rebuild, logger, signalAfter }: RebuildHandlerDeps) =>
  async (input: unknown, context: Context): Promise<RebuildStatus> => {
    logger.addContext(context);
    const parsed = commandSchema.safeParse(input);
    if (!parsed.success) throw new RebuildCommandError(parsed.error);
    const command = parsed.data;
    const status = await act(rebuild, command, (forMs) =>
      signalAfter(Math.max(Math.min(forMs, context.getRemainingTimeInMillis() - RESERVE_MS), 0)),
    );
    if (command.action !== 'status') logger.info(`rebuild: ${command.action}`, { job: status.job });
    return status;
  };

function act(
  rebuild: Rebuild,
  command: z.output<typeof commandSchema>,
  signalAfter: (delayMs: number) => AbortSignal,
): Promise<RebuildStatus> {
  switch (command.action) {
    case 'status':
      return rebuild.status();
    case 'start':
      return rebuild.start(command);
    case 'advance':
      return rebuild.advance(command, signalAfter(command.forMs));
    case 'abort':
      return rebuild.abort();
  }
}
