import { Script } from '../script.js';
import { INSTANT } from './instant.js';
import { LEVELS } from './levels.js';

/**
 * Decides a batch of plans, one after the other, each for as many requests as
 * there is enough for, each of those all or nothing. A refusal writes nothing.
 * A plan for no request is an adjustment: it charges or gives back without
 * asking, never above the capacity, never more than one capacity below zero.
 *
 * KEYS: the buckets. ARGV, as little-endian doubles: the capacity of each bucket
 * and its tokens a millisecond; then the plans; then, in tests alone and as a
 * text, the instant in milliseconds. A plan is the number of its buckets and
 * that of its requests, then for each bucket its place in KEYS and what a
 * request costs, infinitely much where no wait would help.
 * Reply, as doubles: for each plan how many requests passed, and the tokens in
 * each of its buckets after it.
 */
export const PLANS = new Script(`${INSTANT}
local function formatOf(count) return '<' .. string.rep('d', count) end

-- And, as the last, where the text ends.
local function doubles(text) return { struct.unpack(formatOf(#text / 8), text) } end

local limits, plans, given = doubles(ARGV[1]), doubles(ARGV[2]), ARGV[3]
${LEVELS}
-- For how many requests there is enough, which is not enough for all.
local function fewer(tokens, cost)
  if not (tokens >= cost) then return 0 end
  local requests = math.floor(tokens / cost)
  if tokens < requests * cost then return requests - 1 end
  return requests
end

local reply, n = {}, 0
local function say(figure)
  n = n + 1
  reply[n] = figure
end

local function adjust(first, final)
  say(1)
  for b = first, final, 2 do
    local k, cost = plans[b], plans[b + 1]
    local tokens, capacity = left[k], limits[2 * k - 1]
    if cost ~= 0 then
      tokens = math.min(math.max(tokens - cost, -capacity), capacity)
      left[k], changed[k] = tokens, true
    end
    say(tokens)
  end
end

local function decide(requests, first, final)
  for b = first, final, 2 do
    local tokens, cost = left[plans[b]], plans[b + 1]
    if not (tokens >= requests * cost) then requests = fewer(tokens, cost) end
  end
  n = n + 1
  reply[n] = requests
  for b = first, final, 2 do
    local k, cost = plans[b], requests * plans[b + 1]
    local tokens = left[k]
    if cost > 0 then
      tokens = tokens - cost
      left[k], changed[k] = tokens, true
    end
    n = n + 1
    reply[n] = tokens
  end
end

local at = 1
while at < #plans do
  local requests, first, final = plans[at + 1], at + 2, at + 2 * plans[at]
  if requests == 0 then adjust(first, final) else decide(requests, first, final) end
  at = final + 2
end
save()
return struct.pack(formatOf(n), unpack(reply))
`);
