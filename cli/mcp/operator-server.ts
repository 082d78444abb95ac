import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import * as z from 'zod';

/** Runs a command of the operator with `--json`. */
export type RunCommand = (
  args: readonly string[],
) => Promise<{ readonly status: number; readonly result: string; readonly notes: string }>;

interface Tool {
  readonly description: string;
  readonly input: Readonly<Record<string, z.ZodType<string | number | boolean | undefined>>>;
  /** Arguments of the command; options from the input are added. */
  readonly command: readonly string[];
  /** Members of the input that are arguments of the command, in order, and not options. */
  readonly words?: readonly string[];
}

const text = (description: string) => z.string().min(1).optional().describe(description);

/** An id that is no option. */
const id = (description: string) => z.string().regex(/^[^-]/, 'must not begin with a dash').describe(description);

const consumer = text('Only this consumer.');
const tenant = text('Only events of this tenant.');
const limit = z.int().min(1).max(1_000).optional().describe('How many to list at most.');

/** Every tool reads, and changes nothing. */
const TOOLS: Readonly<Record<string, Tool>> = {
  status: {
    description:
      'The state of an environment: events that are pending in the outbox, and for each consumer the depth of its queues, failing events, held and paused groups.',
    input: { consumer },
    command: ['status'],
  },
  count_failures: {
    description: 'Counts failing events by the fingerprint of their error, the most frequent first.',
    input: { consumer, tenant, type: text('Only events of this type.') },
    command: ['failures', 'list'],
  },
  list_failures: {
    description: 'Lists the failing events of a fingerprint. count_failures shows fingerprints.',
    input: { consumer, tenant, fingerprint: z.string().describe('Twelve hexadecimal digits.'), limit },
    command: ['failures', 'list'],
  },
  show_failure: {
    description:
      'The attempts of one failing event, its error with the stack, and where the event is at each consumer.',
    input: { id: id('The id of the event, as list_failures shows it.'), consumer },
    command: ['failures', 'show'],
    words: ['id'],
  },
  list_held_groups: {
    description: 'Groups that wait for an event, with its error and the number of events behind it, longest first.',
    input: { consumer, tenant, state: z.enum(['dead', 'retrying']).optional() },
    command: ['held'],
  },
  list_pauses: {
    description: 'Consumers and groups that operators have paused: who, why, and since when.',
    input: { consumer },
    command: ['pause', 'list'],
  },
  find_event: {
    description:
      'Where an event is: whether it is published, and its state at each consumer. With its group it costs a few reads; by its id alone the outbox may be scanned.',
    input: { id: id('The id of the event.'), group: text('The group of the event, if known.') },
    command: ['where'],
    words: ['id'],
  },
  trace: {
    description:
      'The events of a correlation as a tree of causes and effects, with the state of each at each consumer and the times between. Needs the setting eventIndexes.',
    input: { correlation: id('The correlation id, which every log line of an event has.'), limit },
    command: ['trace'],
    words: ['correlation'],
  },
  list_sagas: {
    description: 'Instances of a process manager: those that are not finished, or those with a status.',
    input: {
      saga: id('The name of the process manager.'),
      status: z
        .enum(['running', 'compensating', 'completed', 'compensated', 'compensation-failed'])
        .optional()
        .describe('Only instances with this status.'),
      tenant,
      limit,
    },
    command: ['sagas', 'list'],
    words: ['saga'],
  },
  show_saga: {
    description: 'The steps and the history of one instance of a process manager.',
    input: { saga: id('The name of the process manager.'), id: id('The id of the instance.'), tenant },
    command: ['sagas', 'show'],
    words: ['saga', 'id'],
  },
};

/** A Model Context Protocol server whose tools are the commands that change nothing. */
export function createOperatorServer(run: RunCommand, version: string): McpServer {
  const server = new McpServer({ name: 'waybill', version });
  for (const [name, { description, input, ...command }] of Object.entries(TOOLS)) {
    const annotations = { readOnlyHint: true, destructiveHint: false, openWorldHint: false };
    server.registerTool(name, { description, inputSchema: input, annotations }, async (given) => {
      const { result, notes } = await run(commandLineOf(command, given));
      // what is not found is an answer, and says so in a note
      const told = result === '' ? notes : result;
      return { content: [{ type: 'text', text: told }], ...(result === '' && { isError: true }) };
    });
  }
  return server;
}

function commandLineOf(
  { command, words = [] }: Pick<Tool, 'command' | 'words'>,
  given: Readonly<Record<string, unknown>>,
): readonly string[] {
  const options = Object.entries(given).filter(([name, value]) => value !== undefined && !words.includes(name));
  return [
    ...command,
    ...words.map((word) => String(given[word])),
    // joined, so that a value cannot be an option
    ...options.map(([name, value]) => `--${name}=${value}`),
  ];
}
