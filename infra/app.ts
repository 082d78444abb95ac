import { WaybillError } from '../lib/contracts/index.ts';
import { createApp } from './create-app.ts';

try {
  createApp().synth();
} catch (error) {
  if (!(error instanceof WaybillError)) throw error;
  // the message says what to mend; a stack trace would bury it
  console.error(error.message);
  process.exitCode = 1;
}
