import { fork } from 'node:child_process';
import { join } from 'node:path';
import type { Load, LoadName, Loads } from './loads.ts';

/** A client in a process of its own, so that it and the engines have a core each. */
export interface ClientProcess extends AsyncDisposable {
  run<Name extends LoadName>(name: Name, input: LoadInput<Name>): Promise<LoadOutput<Name>>;
  /** What the last load took of a core: near 1, the client itself was what the others waited for. */
  cpuRatio(): number;
}

type LoadInput<Name extends LoadName> = Parameters<Loads[Name]>[0];
type LoadOutput<Name extends LoadName> = Loads[Name] extends Load<infer _, infer Output> ? Output : never;

export interface ClientRequest {
  readonly name: LoadName;
  readonly input: unknown;
}

export type ClientAnswer = { readonly output: unknown; readonly cpuRatio: number } | { readonly error: string };

export function startClient(): ClientProcess {
  const child = fork(join(import.meta.dirname, 'main.ts'), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  let cpuRatio = 0;
  return {
    cpuRatio: () => cpuRatio,
    async run<Name extends LoadName>(name: Name, input: LoadInput<Name>) {
      const answer = new Promise<ClientAnswer>((resolve) => {
        child.once('message', (message: ClientAnswer) => resolve(message));
      });
      child.send({ name, input } satisfies ClientRequest);
      const received = await Promise.race([answer, ended]);
      if (received === undefined) throw new Error(`the client process ended during '${name}'`);
      if ('error' in received) throw new Error(`the load '${name}' failed: ${received.error}`);
      cpuRatio = received.cpuRatio;
      // what a load gives went through IPC as it was
      return received.output as LoadOutput<Name>;
    },
    async [Symbol.asyncDispose]() {
      child.disconnect();
      await ended;
    },
  };
}
