import { createRequire } from 'node:module';
import { memberOf } from '../../lib/shared/thrown.ts';
import { readArguments } from '../../local/start/arguments.ts';
import { columns } from '../../local/view/columns.ts';
import { describeError } from '../describe-error.ts';
import { systemCommandDeps } from '../operate.ts';
import { runCommand } from '../run-command.ts';
import type { RunCommand } from './operator-server.ts';
import { MCP_OPTIONS } from './options.ts';

const USAGE = 2;

const HELP = `Serves the commands that change nothing to an assistant, by the Model Context Protocol over stdin and stdout.

It needs the package @modelcontextprotocol/sdk in the project: npm install --save-dev @modelcontextprotocol/sdk
An assistant starts it with the command npx and the arguments waybill mcp; AWS_PROFILE and AWS_REGION say where it reads, or
AWS_ENDPOINT_URL for a local run. It shows ids, states, errors and times, and no bodies of events.

Usage: npx waybill mcp [options]

Options:
`;

/** Serves MCP until stdin ends. @returns the exit status */
export async function main(args: readonly string[]): Promise<number> {
  const given = readArguments(MCP_OPTIONS, args, { command: 'mcp', usage: 'mcp [options]' });
  if (given.has('help')) {
    const rows = Object.entries(MCP_OPTIONS).map(([name, { text, ...option }]) => [
      `  --${name}${'value' in option ? ` ${option.value}` : ''}`,
      text,
    ]);
    process.stdout.write(`${HELP}${columns(rows).join('\n')}\n`);
    return 0;
  }
  const [unexpected] = given.positionals.filter((word) => !given.isOfUnknownOption(word));
  if (unexpected !== undefined) given.refuse(`unexpected argument '${unexpected}'`);
  if (given.problems.length > 0) {
    process.stderr.write(`${given.problems.join('; ')}\n`);
    return USAGE;
  }
  try {
    const target = (['env', 'profile', 'region'] as const).flatMap((name) => {
      const value = given.text(name);
      return value === undefined ? [] : [`--${name}=${value}`];
    });
    await serve((command) => runQuietly([...command, ...target, '--json']));
    return 0;
  } catch (error) {
    process.stderr.write(`${adviceFor(error) ?? describeError(error)}\n`);
    return 1;
  }
}

async function serve(run: RunCommand): Promise<void> {
  const { createOperatorServer } = await import('./operator-server.ts');
  const { StdioServerTransport } = await import('@modelcontextprotocol/sdk/server/stdio.js');
  const { version }: { readonly version: string } = createRequire(import.meta.url)('waybill/package.json');
  const server = createOperatorServer(run, version);
  await server.connect(new StdioServerTransport());
  process.stderr.write('waybill mcp reads requests from stdin\n');
  await new Promise<void>((resolve) => void process.stdin.once('close', resolve).once('end', resolve));
  await server.close();
}

/** stdout belongs to the protocol. */
async function runQuietly(args: readonly string[]): Promise<Awaited<ReturnType<RunCommand>>> {
  const result: string[] = [];
  const notes: string[] = [];
  const status = await runCommand(args, {
    ...systemCommandDeps(),
    console: {
      isTerminal: false,
      line: (text) => void result.push(text),
      note: (text) => void notes.push(text),
      progress: () => undefined,
      confirm: async () => undefined,
    },
  });
  return { status, result: result.join('\n'), notes: notes.join('\n') };
}

function adviceFor(error: unknown): string | undefined {
  const isMissing =
    memberOf(error, 'code') === 'ERR_MODULE_NOT_FOUND' &&
    String(memberOf(error, 'message')).includes('@modelcontextprotocol/sdk');
  return isMissing
    ? 'waybill mcp needs the package @modelcontextprotocol/sdk: npm install --save-dev @modelcontextprotocol/sdk'
    : undefined;
}
