/** What a carrier tells of a parcel on its way, in the order of the way. */
export const TRACKING_STATUSES = ['picked-up', 'in-transit', 'out-for-delivery', 'delivered'] as const;

export type TrackingStatus = (typeof TRACKING_STATUSES)[number];

/** Whether `status` lies ahead of where the parcel was seen last: news that come late change nothing. */
export const isFurther = (status: TrackingStatus, before: TrackingStatus | undefined): boolean =>
  before === undefined || TRACKING_STATUSES.indexOf(status) > TRACKING_STATUSES.indexOf(before);
