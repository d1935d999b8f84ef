-- Maps of many short texts, folded into hashes that stay small enough for Redis to keep them packed: 60 bytes an entry
-- where a key of its own costs 150. Bucket n of a map is the hash NAME:n; its fields are the first 24 hex digits of the
-- SHA-1 of what they stand for. A map grows by linear hashing: a bucket that is full has the next one in turn split.
local most = 32         -- entries of a bucket; Redis keeps 128 packed by default, and looks at each of them
local counts            -- how many buckets each map has
local fields, keys      -- of the texts of this call, and of those fields by map
local read, rounds = {}, {}

D.on_start(function()
  counts, fields, keys = nil, D.emptied(fields), D.emptied(keys)
end)

-- What the field `maps` of meta says: "id=5 once=9".
local function buckets(name)
  if not counts then
    local text = D.map_sizes
    if not read[text] then
      read = {[text] = {}}
      for map, count in text:gmatch('(%S+)=(%d+)') do read[text][map] = tonumber(count) end
    end
    counts = {}
    for map, count in pairs(read[text]) do counts[map] = count end
  end
  return counts[name] or 1
end

local function write_counts()
  local parts = {}
  for map, count in pairs(counts) do parts[#parts + 1] = map .. '=' .. count end
  table.sort(parts)
  D.map_sizes = concat(parts, ' ')
  call('HSET', KEYS[1], 'maps', D.map_sizes)
end

-- The largest power of two that is not above `count`: so many buckets there were when this round of splits began.
local function round_of(count)
  local size = rounds[count]
  if not size then
    size = 1
    while size * 2 <= count do size = size * 2 end
    rounds = {[count] = size}
  end
  return size
end

local function bucket_of(field, count)
  local hash, size = tonumber(field:sub(1, 8), 16), round_of(count)
  local bucket = hash % (size * 2)
  return bucket < count and bucket or hash % size
end

local function place(name, text)
  local field = fields[text]
  if not field then
    field = redis.sha1hex(text):sub(1, 24)
    fields[text] = field
  end
  local known = keys[name] or {}
  local key = known[field]
  if not key then
    key = P .. name .. ':' .. D.text(bucket_of(field, buckets(name)))
    known[field], keys[name] = key, known
  end
  return key, field
end

-- A bucket lives as long as what was put into it longest.
local function outlive(key, life)
  if call('PEXPIRE', key, D.text(life), 'GT') == 0 then call('PEXPIRE', key, D.text(life), 'NX') end
end

-- What is in it already stays as it is.
local function put_into(key, flat, life)
  if call('EXISTS', key) == 1 then
    for i = 1, #flat, 2 do call('HSETNX', key, flat[i], flat[i + 1]) end
  else
    for from = 1, #flat, 1000 do call('HSET', key, unpack(flat, from, min(from + 999, #flat))) end
  end
  if life and #flat > 0 then outlive(key, life) end
end

local function rewrite(key, flat, life)
  call('DEL', key)
  put_into(key, flat, life)
end

-- Makes a bucket's entries over: those that `stale` says are over are dropped, those that `elsewhere` says belong to
-- another bucket are returned, with how many are left and how long what was in it lives.
local function sort_out(key, stale, elsewhere, life)
  life = life and max(life, call('PTTL', key))
  local flat, keep, move = call('HGETALL', key), {}, {}
  for i = 1, #flat, 2 do
    if not (stale and stale(flat[i + 1])) then
      local to = elsewhere and elsewhere(flat[i]) and move or keep
      to[#to + 1], to[#to + 2] = flat[i], flat[i + 1]
    end
  end
  if #keep < #flat then rewrite(key, keep, life) end
  return move, #keep / 2, life
end

-- One bucket more: half of the entries of the one whose turn it is.
local function split(name, stale, life)
  local count = buckets(name)
  local from = count - round_of(count)
  local move, _, longest = sort_out(P .. name .. ':' .. from, stale, function(field)
    return bucket_of(field, count + 1) == count
  end, life)
  -- A bucket there already is of a map that has lost its count.
  put_into(P .. name .. ':' .. count, move, longest)
  counts[name], keys[name] = count + 1, nil
  write_counts()
end

-- One entry in four looks whether its bucket is full: soon enough.
local function look_full(name, key, field, life, stale)
  if field:byte(24) > 51 or call('HLEN', key) <= most then return end
  local _, left = nil, most + 1
  if stale then _, left = sort_out(key, stale, nil, life) end
  if left > most then split(name, stale, life) end
end

function D.map_get(name, text)
  local key, field = place(name, text)
  return call('HGET', key, field)
end

-- Puts it where nothing is yet.
function D.map_add(name, text, value)
  local key, field = place(name, text)
  if call('HSETNX', key, field, value) == 1 then look_full(name, key, field) end
end

-- `life` (ms): a bucket that nothing is put into for so long is gone; `stale`: tells by a value that it is over.
function D.map_put(name, text, value, life, stale)
  local key, field = place(name, text)
  call('HSET', key, field, value)
  if life then outlive(key, life) end
  look_full(name, key, field, life, stale)
end

-- For the audit.
function D.map_count(name)
  return buckets(name)
end

function D.map_counts_to(name, count)
  buckets(name)
  counts[name], keys[name] = count, nil
  write_counts()
end

-- For the audit: how many entries a bucket has, and a list of those that belong to another.
function D.map_strays(name, number)
  local strays, all, count = {}, call('HKEYS', P .. name .. ':' .. D.text(number)), buckets(name)
  for _, field in ipairs(all) do
    if field:find('^%x%x%x%x%x%x%x%x') and bucket_of(field, count) ~= number then strays[#strays + 1] = field end
  end
  return #all, strays
end

-- Each into its own bucket, unless it is there too.
function D.map_put_right(name, number, strays)
  local key, count = P .. name .. ':' .. D.text(number), buckets(name)
  local life = call('PTTL', key)
  for _, field in ipairs(strays) do
    local to = P .. name .. ':' .. D.text(bucket_of(field, count))
    put_into(to, {field, call('HGET', key, field)}, life > 0 and life or nil)
    call('HDEL', key, field)
  end
end
