import { WaybillError } from '../definitions/index.ts';

/** The stored secret cannot be used. Requests are answered with 503 until it is corrected. */
export class WebhookSecretError extends WaybillError {
  readonly code = 'WEBHOOK_SECRET_UNUSABLE';

  /** @param problem continues the secret's name, and never contains the secret */
  constructor(problem: string) {
    super(
      `the secret of the webhook ${problem}: store JSON such as {"current":"…","previous":"…"}, of which 'previous' may be left out`,
    );
  }
}

/** The delivery was received before. Nothing was written. */
export class DuplicateDeliveryError extends WaybillError {
  readonly code = 'WEBHOOK_DELIVERY_DUPLICATE';

  constructor(by: 'id' | 'content') {
    super(`a delivery with the same ${by} was received before; nothing was written`);
  }
}

/** A translation returned an event that `on` does not list. Nothing was written. */
export class UndeclaredEventError extends WaybillError {
  readonly code = 'WEBHOOK_EVENT_UNDECLARED';

  constructor(webhookType: string, eventType: string, declared: readonly string[]) {
    super(
      `the translation of '${webhookType}' publishes '${eventType}', and 'on' lists ${declared.map((type) => `'${type}'`).join(', ') || 'no events'}: add it there`,
    );
  }
}
