/** What mails to customers are headed with. */
export const SUBJECTS = {
  welcome: 'Welcome',
  shipped: (orderId: string) => `Order ${orderId} is shipped`,
  delivered: (orderId: string) => `Order ${orderId} is delivered`,
  news: (orderId: string) => `New in the shop since order ${orderId}`,
  cancelled: (orderId: string) => `Order ${orderId} is cancelled`,
} as const;
