import { REDIS_TIME, Script } from './script.js';

/**
 * The levels of the buckets in KEYS, as all plans of a batch see them at one
 * instant: read in one step, written once each, however many plans they are in.
 *
 * A bucket is three little-endian doubles: its tokens, the instant in
 * milliseconds at which they were true, and the one at which its key ends. The
 * arithmetic is that of the bucket in memory, in the same order. A full bucket
 * is no key at all.
 *
 * The key of a new bucket ends when that is full; of one that is charged again,
 * after twice as long, so that most charges leave the end alone: to move it
 * costs as much as all else that is done to a key.
 */
const LEVELS = `
local now, grace = wall, 0
if given then now, grace = tonumber(given), 3600000 end

local BYTES, LONGEST_MS = 24, 1e15
local texts = call('MGET', unpack(KEYS))

-- By the place of a bucket: its tokens, where its limit stands if it was changed, and where its key ends.
local left, changed, ends = {}, {}, {}

-- Reads a bucket when a plan first asks for it; 'at' is where its limit stands.
local function refill(k, at)
  local text, capacity, rate = texts[k], figures[at], figures[at + 1]
  local tokens, last, ending = math.huge, 0, 0
  if text and #text == BYTES then tokens, last, ending = read('<ddd', text) end
  if last <= now then
    tokens = tokens + (now - last) * rate
  else
    -- Redis' clock was set back: the bucket keeps its tokens and refills from now
    -- on, for it must not stand still until the old instant comes again.
    changed[k], ending = at, 0
  end
  -- What is no number is nonsense that somebody wrote; no debt is larger than a capacity.
  if not (tokens <= capacity) then
    tokens = capacity
  elseif tokens < -capacity then
    tokens = -capacity
  end
  left[k], ends[k] = tokens, ending
  return tokens
end

local function save()
  for k = 1, #KEYS do
    local at = changed[k]
    if at then
      local key, tokens, ending = KEYS[k], left[k], ends[k]
      local ms = (figures[at] - tokens) / figures[at + 1]
      if ms <= 0 then
        call('DEL', key)
      elseif wall + ms + grace <= ending then
        call('SETRANGE', key, '0', pack('<dd', tokens, now))
      else
        if ending > 0 then ms = 2 * ms end
        ending = math.ceil(wall + math.min(math.max(ms, 1) + grace, LONGEST_MS))
        -- As a text, and no duration: Redis would take as long to convert them as for the rest.
        call('SET', key, pack('<ddd', tokens, now, ending), 'PXAT', string.format('%d', ending))
      end
    end
  end
end
`;

/**
 * Decides a batch of plans, one after the other, each for as many requests as
 * there is enough for, each of those all or nothing. A refusal writes nothing.
 * A plan for no request is an adjustment: it charges or gives back without
 * asking, never above the capacity, never more than one capacity below zero.
 *
 * KEYS: the buckets. ARGV: figures, as little-endian doubles; then, in tests
 * alone and as a text, the instant in milliseconds. The figures are where the
 * plans begin among them; the number of the question; what plans have in common,
 * once for each kind; the plans. A kind is the number of its buckets and that of
 * its requests, then for each bucket its capacity, its tokens a millisecond, and
 * what a request costs, infinitely much where no wait would help. A plan is where
 * its kind stands, then the place of each bucket in KEYS.
 * Reply, as doubles: the number of the question; then, each in the place of what
 * was asked, for each plan how many requests passed, and the tokens in each of
 * its buckets after it.
 */
export const PLANS = new Script(`${REDIS_TIME}
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
figures[first - 1] = figures[2]
return pack(doubles(final - first + 2), unpack(figures, first - 1, final))
`);
