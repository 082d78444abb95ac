/** Who waited for whom: two processes on two cores leave each other idle at times. */
export const busyNote = (perSecond: number, busyRatio: number, clientCpuRatio: number): string =>
  `the engines' thread was busy ${percent(busyRatio)} of the time (alone it would do some ${Math.round(perSecond / busyRatio)}), the SDK's process took ${percent(clientCpuRatio)} of a core`;

const percent = (ratio: number): string => `${Math.round(ratio * 100)} %`;
