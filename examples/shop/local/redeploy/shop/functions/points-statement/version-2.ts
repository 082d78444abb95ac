import { handlersFor } from 'waybill/consumer';
import { serveStatement } from './serve.ts';
import type { statementOfVersion2 } from './subscription.ts';

/** Serves each subscription that takes version 2. */
export const serveVersion2 = (subscription: ReturnType<typeof statementOfVersion2>) =>
  serveStatement(subscription, (writeLine) =>
    handlersFor(subscription, {
      'com.example.order.placed': (event, { tx }) => writeLine(tx, event, { points: 0 }),
      'com.example.points.granted': (event, { tx }) => {
        const { points, reason } = event.data;
        writeLine(tx, event, { points, reason });
      },
    }),
  );
