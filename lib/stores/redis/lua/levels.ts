/**
 * The levels of the buckets in KEYS, as all plans of a batch see them at one
 * instant: read in one step, written once each, however many plans they are in.
 *
 * A bucket is a text of two doubles, its tokens and the instant in milliseconds
 * at which they were true, written so that both come back as they were; the
 * arithmetic is that of the bucket in memory, in the same order. A full bucket
 * is no key at all.
 */
export const LEVELS = `
local now, grace = wall, 0
if given then now, grace = tonumber(given), 3600000 end

local tokens, last, full_in = {}, {}, {}
for k, level in ipairs(redis.call('MGET', unpack(KEYS))) do
  local left, at = string.match(level or '', '^(%S+) (%S+)$')
  left, at = tonumber(left), tonumber(at)
  if left and at then
    tokens[k], last[k] = left, at
  else
    tokens[k], last[k] = math.huge, now
  end
end

local function write(k, left, capacity, rate)
  tokens[k], last[k] = left, now
  full_in[k] = (capacity - left) / rate
end

-- Should Redis' clock be set back, the bucket keeps its tokens and refills from
-- then on: it must not stand still until the old instant comes again.
local function read(k, capacity, rate)
  if now < last[k] then write(k, math.min(tokens[k], capacity), capacity, rate) end
  return math.min(tokens[k] + (now - last[k]) * rate, capacity)
end

local LONGEST_MS = 1e15

local function save()
  local instant = string.format(' %.17g', now)
  for k, key in ipairs(KEYS) do
    local ms = full_in[k]
    if ms and ms <= 0 then
      redis.call('DEL', key)
    elseif ms then
      local level = string.format('%.17g', tokens[k]) .. instant
      local ends = math.ceil(wall + math.min(math.max(ms, 1) + grace, LONGEST_MS))
      -- As a text, and no duration: Redis would take as long to convert them as for the rest.
      redis.call('SET', key, level, 'PXAT', string.format('%d', ends))
    end
  end
end
`;
