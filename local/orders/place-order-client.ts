import { InvokeCommand, type LambdaClient, LambdaServiceException } from '@aws-sdk/client-lambda';
import type { PlaceOrderResult } from '../../functions/shop/place-order/handler.ts';
import type { OrderCommand } from './order-command.ts';

export type Placement =
  | PlaceOrderResult
  | { readonly orderId: string; readonly outcome: 'failed'; readonly reason: string };

/** Places one order; what the function or the Lambda API answers with an error is an outcome, not a rejection. */
export type PlaceOneOrder = (order: OrderCommand, signal: AbortSignal) => Promise<Placement>;

/** Invokes the function as any caller would: over the endpoint, and waiting for its result. */
export function createPlaceOrderClient(client: LambdaClient, functionName: string): PlaceOneOrder {
  return async (order, abortSignal) => {
    const { orderId } = order;
    const command = new InvokeCommand({ FunctionName: functionName, Payload: JSON.stringify(order) });
    try {
      const { FunctionError, Payload } = await client.send(command, { abortSignal });
      const text = Payload?.transformToString() ?? '';
      if (FunctionError !== undefined) return { orderId, outcome: 'failed', reason: describeError(text) };
      const { outcome } = JSON.parse(text) as PlaceOrderResult;
      return { orderId, outcome };
    } catch (error) {
      abortSignal.throwIfAborted();
      if (!(error instanceof LambdaServiceException)) throw error;
      return { orderId, outcome: 'failed', reason: `${error.name}: ${error.message}` };
    }
  };
}

/** `{errorType, errorMessage}` is what Lambda makes of a thrown error. */
function describeError(payload: string): string {
  const { errorType, errorMessage } = JSON.parse(payload) as { errorType?: string; errorMessage?: string };
  return `${errorType ?? 'Error'}: ${errorMessage ?? 'without a message'}`;
}
