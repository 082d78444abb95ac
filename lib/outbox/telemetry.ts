type Fields = Readonly<Record<string, unknown>>;

/** The part of Powertools' Logger that relay and sweeper need. */
export interface OutboxLogger {
  info(message: string, fields: Fields): void;
  warn(message: string, fields: Fields): void;
  error(message: string, fields: Fields): void;
}

/** The part of Powertools' Metrics that relay and sweeper need. */
export interface OutboxMetrics {
  addMetric(name: string, unit: 'Count' | 'Milliseconds', value: number): unknown;
}
