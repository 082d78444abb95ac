/** The caller gets no answer: over the wire its connection ends, within the process it gets this error. */
export class ConnectionLostError extends Error {
  /** What Node calls it. */
  readonly code = 'ECONNRESET';

  constructor() {
    super('socket hang up: the connection was lost before the answer came');
  }
}
