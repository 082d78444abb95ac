import type { BenchRun } from '../app/start-app.ts';

/** Milliseconds of CPU that an event takes, by who spends them. */
export interface CpuPerEvent {
  /** The thread that answers for every service. */
  readonly engines: number;
  /** The workers of the relay and the consumer: the SDK, Powertools, Waybill, the handler. */
  readonly functions: number;
  readonly producer: number;
}

/** @param publishAndSettle publishes as the last load of the run's client */
export async function cpuPerEvent(
  bench: BenchRun,
  events: number,
  publishAndSettle: () => Promise<number>,
): Promise<CpuPerEvent> {
  const processBefore = process.cpuUsage();
  const threadBefore = process.threadCpuUsage();
  const publishMs = await publishAndSettle();
  const ofThread = totalMs(process.threadCpuUsage(threadBefore));
  const ofProcess = totalMs(process.cpuUsage(processBefore));
  return {
    engines: ofThread / events,
    functions: (ofProcess - ofThread) / events,
    producer: (publishMs * bench.client.cpuRatio()) / events,
  };
}

const totalMs = ({ user, system }: NodeJS.CpuUsage): number => (user + system) / 1000;
