/** Redis' own time in milliseconds, to the microsecond. */
export const INSTANT = `
local time = redis.call('TIME')
local wall = time[1] * 1000 + time[2] / 1000
`;
