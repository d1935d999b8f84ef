-- Audit of the desk's own key, `meta`: what is counted, and what all else is read by. While it cannot be read every
-- other script refuses, so that no number is given out twice; what was given out is found by looking at all keys.
local counted = {'offers', 'references', 'id', 'once', 'ext', 'unread', 'renewed'}

-- The state of the count is in the cursor: where the scan is, then these.
local function resume(cursor)
  local words, seen = {}, {}
  for word in ((cursor or ''):match('^meta (.*)$') or ''):gmatch('%d+') do words[#words + 1] = word end
  for i, name in ipairs(counted) do seen[name] = tonumber(words[i + 1]) or 0 end
  return words[1] or '0', seen
end

local function pause(at, seen)
  local words = {'meta', at}
  for _, name in ipairs(counted) do words[#words + 1] = D.text(seen[name]) end
  return concat(words, ' ')
end

local function see(seen, name, number)
  if number and number > seen[name] then seen[name] = number end
end

local looks = {}

function looks.o(seen, id)
  see(seen, 'offers', tonumber(id:match('^o_(%d+)$')))
end

-- The last one of all offers is live, or the last that its conversation remembers.
function looks.dec(seen, id)
  for _, text in ipairs(call('LRANGE', P .. 'dec:' .. id, 0, -1)) do
    see(seen, 'offers', tonumber(text:match('"offer":"o_(%d+)"')))
  end
end

function looks.c(seen, id)
  local read, c = pcall(D.find, id)
  if not read or not c or not c.ref then
    seen.unread = seen.unread + 1
    return
  end
  see(seen, 'references', D.number_of_name(c.ref))
  for offer in (c.of or ''):gmatch('o_(%d+)') do see(seen, 'offers', tonumber(offer)) end
end

function looks.sockets(seen, name)
  see(seen, 'renewed', tonumber(call('ZRANGE', P .. 'sockets:' .. name, -1, -1, 'WITHSCORES')[2]))
end

local function bucket(map)
  return function(seen, number)
    number = tonumber(number)
    see(seen, map, number and number + 1)
  end
end

looks.id, looks.once, looks.ext = bucket('id'), bucket('once'), bucket('ext')

local function count_events()
  local at, number = D.last_event()
  if not at then return end
  D.count_from('event_ms', at)
  D.count_from('seq', number or 0)
end

local function count_from(seen)
  pcall(count_events)
  D.count_from('offers', seen.offers)
  -- Each conversation that cannot be read took one, perhaps the last.
  D.count_from('references', seen.references + seen.unread)
  for _, map in ipairs({'id', 'once', 'ext'}) do
    if seen[map] > D.map_count(map) then D.map_counts_to(map, seen[map]) end
  end
  D.roster_changed()
  D.kept_changed('holds')
  D.kept_changed('lanes')
end

-- Nobody has renewed his lease since it was damaged: that long time stood still for leases and deadlines. What the desk
-- ran is what the caller does, until the next reload has written it.
local function restore(seen)
  if seen.renewed > 0 then D.offset = max(0, D.now - seen.renewed) end
  D.desk_now = D.now - D.offset
  local known, settings = pcall(D.settings)
  D.judge_after = D.desk_now + (known and settings.presence.lease or 60000)
  D.rings = call('EXISTS', P .. 'rings') == 1 and '1' or nil
  D.config = ARGV[3]
  call('HSET', KEYS[1], 'offset', D.offset, 'judge_after', D.judge_after, 'writing', 'lost')
  if D.rings then call('HSET', KEYS[1], 'rings', D.rings) end
  if D.config ~= '' then call('HSET', KEYS[1], 'config', D.config, 'schema', 1) end
end

local function mend(seen)
  if call('TYPE', KEYS[1]).ok ~= 'hash' then
    D.clear_place('meta')
    D.audit_find('roster.lost', {}, 'the configuration that the desk runs is lost', function() restore(seen) end)
  end
  count_from(seen)
end

-- To be called while D.damage says what is wrong. Returns where to go on; nil: nothing else can be looked at.
function D.audit_meta(cursor, size)
  local code = D.damage == 'has lost its numbers' and 'count.lost' or 'record.unreadable'
  local what = format('meta %s: nothing works until --repair mends it', D.damage)
  if not D.mends() then
    D.audit_find(code, {}, what)
    return nil
  end
  local at, seen = resume(cursor)
  local reply = D.scan(at, size)
  for _, key in ipairs(reply[2]) do
    local kind, of = key:sub(#P + 1):match('^(%a+):(.*)$')
    if looks[kind] then pcall(looks[kind], seen, of) end
  end
  if reply[1] ~= '0' then return pause(reply[1], seen) end
  D.audit_find(code, {}, what, function() mend(seen) end)
  return 'places 0'
end
