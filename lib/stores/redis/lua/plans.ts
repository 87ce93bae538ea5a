import { Script } from '../script.js';
import { INSTANT } from './instant.js';
import { LEVELS } from './levels.js';

/**
 * Decides a batch of plans, one after the other, each for as many requests as
 * there is enough for, each of those all or nothing. A refusal writes nothing.
 * A plan for no request is an adjustment: it charges or gives back without
 * asking, never above the capacity, never more than one capacity below zero.
 *
 * KEYS: the buckets. ARGV: the plans; then, in tests alone, the instant in
 * milliseconds. A plan is little-endian doubles: the numbers of its buckets and
 * of its requests, then for each bucket its place in KEYS, its capacity, tokens
 * a millisecond and what a request costs.
 * Reply, as doubles: for each plan how many requests passed, and the tokens in
 * each of its buckets after it.
 */
export const PLANS = new Script(`${INSTANT}
local given = ARGV[2]
${LEVELS}
local function doubles(count) return '<' .. string.rep('d', count) end

-- And, as the last, where the text ends.
local plans = { struct.unpack(doubles(#ARGV[1] / 8), ARGV[1]) }

local function passing(requests, first, final)
  for b = first, final, 4 do
    local capacity, cost = plans[b + 1], plans[b + 3]
    local left = read(plans[b], capacity, plans[b + 2])
    if not (cost >= 0 and cost <= capacity and left >= cost) then return 0 end
    if left < requests * cost then
      requests = math.floor(left / cost)
      if left < requests * cost then requests = requests - 1 end
    end
  end
  return requests
end

local reply, at = {}, 1
while at < #plans do
  local size, requests = plans[at], plans[at + 1]
  local first, final = at + 2, at + 4 * size - 2
  local passed = requests == 0 and 1 or passing(requests, first, final)
  reply[#reply + 1] = passed
  for b = first, final, 4 do
    local k, capacity, rate, cost = plans[b], plans[b + 1], plans[b + 2], passed * plans[b + 3]
    local left = read(k, capacity, rate)
    if requests == 0 then
      left = math.min(math.max(left - cost, -capacity), capacity)
      write(k, left, capacity, rate)
    elseif cost > 0 then
      left = left - cost
      write(k, left, capacity, rate)
    end
    reply[#reply + 1] = left
  end
  at = final + 4
end
save()
return struct.pack(doubles(#reply), unpack(reply))
`);
