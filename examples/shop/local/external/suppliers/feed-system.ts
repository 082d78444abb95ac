import type { ForeignReply } from '../foreign-system.ts';
import type { PageFault } from './page-faults.ts';

/** A request of an external system that is read from. */
export interface FeedRequest {
  readonly method: string;
  /** Below the system's own address: `/articles`. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly header: (name: string) => string | undefined;
  readonly body: Readonly<Record<string, unknown>> | undefined;
}

/** An external system that others read from, without transport. */
export interface FeedSystem {
  /** Whether a request reads a page, which can be disturbed as a page only. */
  isPage(request: FeedRequest): boolean;
  /** @param fault of the page that is asked for */
  answer(request: FeedRequest, fault: PageFault | undefined): ForeignReply;
}

export const PAGE_SIZE = 25;

/** A whole number of 0 or more. */
export const numberIn = (text: string | null): number | undefined =>
  text !== null && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
