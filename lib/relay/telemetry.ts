type Fields = Readonly<Record<string, unknown>>;

/** The part of Powertools' Logger that the relay needs. */
export interface RelayLogger {
  info(message: string, fields: Fields): void;
  warn(message: string, fields: Fields): void;
  error(message: string, fields: Fields): void;
}

/** The part of Powertools' Metrics that the relay needs. */
export interface RelayMetrics {
  addMetric(name: string, unit: 'Count' | 'Milliseconds', value: number): unknown;
}
