/** Who waited for whom: two processes on two cores that others use, too, leave each other idle at times. */
export const busyNote = (perSecond: number, busyRatio: number, clientCpuRatio: number): string =>
  [
    `the engines' thread was busy ${percent(busyRatio)} of the time: alone it would do some ${whole(perSecond / busyRatio)}`,
    `the SDK's process got ${percent(clientCpuRatio)} of a core: with a whole one it would ask for some ${whole(perSecond / clientCpuRatio)}`,
  ].join('; ');

const percent = (ratio: number): string => `${Math.round(ratio * 100)} %`;

const whole = (value: number): string => Math.round(value).toLocaleString('en');
