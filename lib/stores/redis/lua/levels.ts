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
  -- What is no number is nonsense that somebody wrote.
  if not (tokens <= capacity) then tokens = capacity end
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
