import type { OperatorCommand } from '../command.ts';
import { auditCommand } from './audit.ts';
import { deliverCommand } from './deliver.ts';
import { failuresCommand } from './failures.ts';
import { fillCommand } from './fill.ts';
import { headsCommand } from './heads.ts';
import { heldCommand } from './held.ts';
import { keepCommand } from './keep.ts';
import { pauseCommand, resumeCommand } from './pause.ts';
import { rebuildCommand } from './rebuild.ts';
import { resendCommand } from './resend.ts';
import { sagasCommand } from './sagas.ts';
import { settingsCommand } from './settings.ts';
import { skipCommand } from './skip.ts';
import { statusCommand } from './status.ts';
import { whereCommand } from './where.ts';

/** Every command of the operator, in the order of the help. */
export const COMMANDS: readonly OperatorCommand[] = [
  statusCommand,
  heldCommand,
  failuresCommand,
  skipCommand,
  pauseCommand,
  resumeCommand,
  resendCommand,
  deliverCommand,
  keepCommand,
  fillCommand,
  headsCommand,
  whereCommand,
  auditCommand,
  rebuildCommand,
  sagasCommand,
  settingsCommand,
];
