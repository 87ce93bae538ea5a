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
export const LEVELS = `
local call, pack = redis.call, struct.pack
local now, grace = wall, 0
if given then now, grace = tonumber(given), 3600000 end

local FULL = pack('<ddd', math.huge, 0, 0)
local texts = call('MGET', unpack(KEYS))
for k = 1, #KEYS do
  local text = texts[k]
  if not text or #text ~= #FULL then texts[k] = FULL end
end
local stored = doubles(table.concat(texts))

local left, changed = {}, {}
for k = 1, #KEYS do
  local capacity, rate = limits[2 * k - 1], limits[2 * k]
  local tokens, last = stored[3 * k - 2], stored[3 * k - 1]
  if last <= now then
    tokens = tokens + (now - last) * rate
  else
    -- Redis' clock was set back: the bucket keeps its tokens and refills from now
    -- on, for it must not stand still until the old instant comes again.
    changed[k], stored[3 * k] = true, 0
  end
  -- What is no number is nonsense that somebody wrote.
  if not (tokens <= capacity) then tokens = capacity end
  left[k] = tokens
end

local LONGEST_MS = 1e15

local function save()
  for k = 1, #KEYS do
    if changed[k] then
      local key, tokens, ends = KEYS[k], left[k], stored[3 * k]
      local ms = (limits[2 * k - 1] - tokens) / limits[2 * k]
      if ms <= 0 then
        call('DEL', key)
      elseif wall + ms + grace <= ends then
        call('SETRANGE', key, '0', pack('<dd', tokens, now))
      else
        if ends > 0 then ms = 2 * ms end
        ends = math.ceil(wall + math.min(math.max(ms, 1) + grace, LONGEST_MS))
        -- As a text, and no duration: Redis would take as long to convert them as for the rest.
        call('SET', key, pack('<ddd', tokens, now, ends), 'PXAT', string.format('%d', ends))
      end
    end
  end
end
`;
