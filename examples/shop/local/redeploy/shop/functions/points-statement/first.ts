import { handlersFor } from 'waybill/consumer';
import { serveStatement } from './serve.ts';
import { statement } from './subscription.ts';

export const handler = serveStatement(statement, (writeLine) =>
  handlersFor(statement, {
    'com.example.order.placed': (event, { tx }) => writeLine(tx, event, { points: 0 }),
    'com.example.points.granted': (event, { tx }) => writeLine(tx, event, { points: event.data.points }),
  }),
);
