import { Script } from '../script.js';
import { INSTANT } from './instant.js';
import { LEVELS } from './levels.js';

/**
 * Decides a batch of plans, one after the other, each for as many requests as
 * there is enough for, each of those all or nothing. A refusal writes nothing.
 * A plan for no request is an adjustment: it charges or gives back without
 * asking, never above the capacity, never more than one capacity below zero.
 *
 * KEYS: the buckets. ARGV: figures, as little-endian doubles; then, in tests
 * alone and as a text, the instant in milliseconds. The figures are where the
 * plans begin among them; what plans have in common, once for each kind; the
 * plans. A kind is the number of its buckets and that of its requests, then for
 * each bucket its capacity, its tokens a millisecond, and what a request costs,
 * infinitely much where no wait would help. A plan is where its kind stands,
 * then the place of each bucket in KEYS.
 * Reply, as doubles, each in the place of what was asked: for each plan how many
 * requests passed, and the tokens in each of its buckets after it.
 */
export const PLANS = new Script(`${INSTANT}
local call, pack, read = redis.call, struct.pack, struct.unpack
local function doubles(count) return '<' .. string.rep('d', count) end

-- And, as the last, where the text ends.
local figures = { read(doubles(#ARGV[1] / 8), ARGV[1]) }
local first, final, given = figures[1], #figures - 1, ARGV[2]
${LEVELS}
-- For how many requests there is enough, which is not enough for all.
local function fewer(tokens, cost)
  if not (tokens >= cost) then return 0 end
  local requests = math.floor(tokens / cost)
  if tokens < requests * cost then return requests - 1 end
  return requests
end

local function adjust(plan, last, limit)
  figures[plan] = 1
  for b = plan + 1, last do
    local k, cost, capacity = figures[b], figures[limit + 2], figures[limit]
    local tokens = left[k] or refill(k, limit)
    if cost ~= 0 then
      tokens = math.min(math.max(tokens - cost, -capacity), capacity)
      left[k], changed[k] = tokens, limit
    end
    figures[b] = tokens
    limit = limit + 3
  end
end

local plan = first
while plan <= final do
  local kind = figures[plan]
  local last, requests = plan + figures[kind], figures[kind + 1]
  if requests == 0 then
    adjust(plan, last, kind + 2)
  else
    -- Not in a function: this is most of what is done for a plan.
    local limit = kind + 2
    for b = plan + 1, last do
      local k, cost = figures[b], figures[limit + 2]
      local tokens = left[k] or refill(k, limit)
      if not (tokens >= requests * cost) then requests = fewer(tokens, cost) end
      limit = limit + 3
    end
    figures[plan], limit = requests, kind + 2
    for b = plan + 1, last do
      local k, cost = figures[b], requests * figures[limit + 2]
      local tokens = left[k]
      if cost > 0 then
        tokens = tokens - cost
        left[k], changed[k] = tokens, limit
      end
      figures[b] = tokens
      limit = limit + 3
    end
  end
  plan = last + 1
end
save()
return pack(doubles(final - first + 1), unpack(figures, first, final))
`);
