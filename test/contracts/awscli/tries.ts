import type { Cli } from './cli.ts';

/** What a CLI is tried with; each by its name, in order, and each may build on those before it. */
export type Tries = Readonly<Record<string, (cli: Cli) => Promise<void>>>;
