import type { OperatorCommand } from '../command.ts';
import { auditCommand } from './audit.ts';
import { deliverCommand } from './deliver.ts';
import { failuresCommand } from './failures.ts';
import { fillCommand } from './fill.ts';
import { headsCommand } from './heads.ts';
import { heldCommand } from './held.ts';
import { iamCommandFor } from './iam.ts';
import { keepCommand } from './keep.ts';
import { pauseCommand, resumeCommand } from './pause.ts';
import { rebuildCommand } from './rebuild.ts';
import { reconcileCommand } from './reconcile.ts';
import { redriveCommand } from './redrive.ts';
import { replayCommand } from './replay.ts';
import { republishCommand } from './republish.ts';
import { resendCommand } from './resend.ts';
import { sagasCommand } from './sagas.ts';
import { settingsCommand } from './settings.ts';
import { skipCommand } from './skip.ts';
import { statusCommand } from './status.ts';
import { syncCommand } from './sync.ts';
import { traceCommand } from './trace.ts';
import { trailCommand } from './trail.ts';
import { whereCommand } from './where.ts';

const WORKING: readonly OperatorCommand[] = [
  statusCommand,
  heldCommand,
  failuresCommand,
  redriveCommand,
  skipCommand,
  pauseCommand,
  resumeCommand,
  resendCommand,
  deliverCommand,
  republishCommand,
  keepCommand,
  fillCommand,
  headsCommand,
  whereCommand,
  traceCommand,
  auditCommand,
  reconcileCommand,
  replayCommand,
  rebuildCommand,
  sagasCommand,
  syncCommand,
  settingsCommand,
  trailCommand,
];

/** Every command of the operator, in the order of the help. */
export const COMMANDS: readonly OperatorCommand[] = [...WORKING, iamCommandFor(WORKING)];
