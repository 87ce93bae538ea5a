import { Script } from './script.js';

/** More notices than any fleet has; should there be more, those that end first go. */
const MOST_NOTICES = 1_000;

/**
 * Puts up notices and reads all that hold.
 *
 * KEYS: the notices, by the millisecond at which they end. ARGV: for each notice
 * to put up its text and the milliseconds for which it holds, 0 to take it down.
 * Reply: a line for each, with the milliseconds that are left, the one at which
 * it ends, and its text.
 */
export const EXCHANGE = new Script(`
local key = KEYS[1]
-- What somebody else wrote there is no list of notices.
if redis.call('TYPE', key).ok ~= 'zset' then redis.call('DEL', key) end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function figure(number) return string.format('%.0f', number) end

for i = 1, #ARGV, 2 do
  local holds = tonumber(ARGV[i + 1])
  if holds > 0 then
    redis.call('ZADD', key, figure(now + holds), ARGV[i])
  else
    redis.call('ZREM', key, ARGV[i])
  end
end
if #ARGV > 0 then
  redis.call('ZREMRANGEBYSCORE', key, '-inf', figure(now))
  redis.call('ZREMRANGEBYRANK', key, 0, -${MOST_NOTICES + 1})
  local last = redis.call('ZRANGE', key, -1, -1, 'WITHSCORES')[2]
  if last then redis.call('PEXPIREAT', key, last) end
end

local lines = {}
local found = redis.call('ZRANGEBYSCORE', key, '(' .. figure(now), '+inf', 'WITHSCORES')
for i = 1, #found, 2 do
  lines[#lines + 1] = figure(found[i + 1] - now) .. ' ' .. found[i + 1] .. ' ' .. found[i]
end
return table.concat(lines, '\\n')
`);
