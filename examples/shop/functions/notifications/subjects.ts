/** What mails to customers are headed with. */
export const SUBJECTS = {
  welcome: 'Welcome',
  shipped: (orderId: string) => `Order ${orderId} is shipped`,
  cancelled: (orderId: string) => `Order ${orderId} is cancelled`,
} as const;
