-- What every call begins with: time, refusals, errors. D ("desk") holds the functions of all parts and the
-- state of the call under way; P is the prefix of the desk's keys.
local call, KEYS, ARGV, P
local function globals()
  return cjson, cmsgpack, error, ipairs, math.floor, math.max, math.min, next, pairs, pcall, setmetatable,
    string.format, table.concat, tonumber, tostring, type, unpack
end
-- Redis looks up a global in two tables, and knows none while it loads a library: the first call takes them.
local cjson, cmsgpack, error, ipairs, floor, max, min, next, pairs, pcall, setmetatable, format, concat, tonumber,
  tostring, type, unpack

local D = {scripts = {}}
local starters = {}
local small, texts, texts_count = {}, {}, 0
local numbers, numbered = {}, false  -- what the desk counts, and whether this call has counted further
local uncounted = false  -- whether the last to write them knew of no `lanes`
local SMALL = 1000  -- more would be kept for good, and walked over at every collection of garbage
local MOST_TEXTS = 200  -- of numbers that are not small, kept for the next call
local SEPARATOR = '\31'  -- of an event's names and values
local desks, desk_count = {}, 0  -- what was read at each desk since its roster changed last

-- `forget` sets the state of a part back before each call; what is a function of its input alone may stay.
function D.on_start(forget)
  starters[#starters + 1] = forget
end

-- A table that holds nothing, in place of one that did or never was: used again where nothing was put into it.
function D.emptied(used)
  if used and next(used) == nil then return used end
  return {}
end

-- Ends the script with an error; allowed before the first write only.
function D.fail(code, message, why)
  error({code = code, message = message, why = why}, 0)
end

-- Redis begins a collection of garbage each 50 calls. Done in one go, half a millisecond for each MB that is kept, it
-- costs less than in small steps, which find everything out of the cache; besides it begins by itself at three times
-- what is kept, so that no one call takes much more.
local function collect_at_once()
  collectgarbage('setpause', 300)
  collectgarbage('setstepmul', 0)
end

local function reset(keys, argv)
  if not ipairs then
    cjson, cmsgpack, error, ipairs, floor, max, min, next, pairs, pcall, setmetatable, format, concat, tonumber,
      tostring, type, unpack = globals()
    collect_at_once()
  end
  call, KEYS, ARGV = redis.call, keys, argv
  P = keys[1]:sub(1, -5)
  if argv[5] == '' then argv[5] = nil end
  D.actor, D.caller = 'system', argv[6]
  if texts_count > MOST_TEXTS then texts, texts_count = {}, 0 end
  numbered = false
  for i = 1, #starters do starters[i]() end
end

-- D.standing holds what only a change of the roster changes, so that one call need not read it as the one before did.
local function recall()
  local roster = numbers.roster
  local known = desks[P]
  if not known then
    if desk_count > 1000 then desks, desk_count = {}, 0 end
    desk_count = desk_count + 1
  end
  if not known or known.roster ~= roster or known.config ~= D.config then
    known = {roster = roster, config = D.config, queues = {}, demands = {}}
    desks[P] = roster > 0 and known or nil
  end
  if uncounted then known.lanes = nil end
  D.standing = known
end

local number_names = {'event_ms', 'seq', 'offers', 'references', 'roster', 'holds', 'lanes'}

-- An error where one of them is no number.
local function unpack_numbers(packed)
  local n = numbers
  n.event_ms, n.seq, n.offers, n.references, n.roster, n.holds, n.lanes = cmsgpack.unpack(packed)
  -- A version of this library that counts no changes of lanes wrote last: what is kept of them here may not be so.
  uncounted = not n.lanes
  n.lanes = n.lanes or 0
  return n.event_ms + n.seq + n.offers + n.references + n.roster + n.holds + n.lanes
end

-- Whether they can be read. A desk where something happened has counted it.
local function read_numbers(packed)
  if packed and pcall(unpack_numbers, packed) then return true end
  for i = 1, #number_names do numbers[number_names[i]] = 0 end
  uncounted = true
  return not packed and call('EXISTS', P .. 'events') == 0
end

-- What the desk's own key says, and what is wrong with it.
local function read_meta()
  local meta = redis.pcall('HMGET', KEYS[1], 'config', 'offset', 'rings', 'judge_after', 'maps', 'numbers')
  local damage
  if meta.err then
    damage, meta = 'is a ' .. call('TYPE', KEYS[1]).ok .. ' and should be a hash', {}
  end
  if not read_numbers(meta[6]) and not damage then
    damage = 'has numbers that cannot be read'
    if not meta[6] then damage = call('EXISTS', KEYS[1]) == 1 and 'has lost its numbers' or 'is not there' end
  end
  return meta, damage
end

local function begin(options)
  local now = tonumber(ARGV[1])
  if not now then
    local time = call('TIME')
    now = time[1] * 1000 + floor(time[2] / 1000)
  end
  D.now = now
  local limit = tonumber(ARGV[2])
  if limit and now > limit then D.fail('late', 'the call came ' .. (now - limit) .. ' ms after its deadline') end
  local meta, damage = read_meta()
  if damage and not options.any_meta then
    D.fail('damaged', format("this desk's key meta %s: peykctl audit --repair mends it", damage), 'damaged')
  end
  D.damage = damage
  if not damage and not options.any_config and ARGV[3] ~= '' and ARGV[3] ~= (meta[1] or '') then
    D.fail('stale', 'the desk runs configuration ' .. (meta[1] or 'none') .. ', the caller ' .. ARGV[3])
  end
  D.config = meta[1] or ''
  D.offset = tonumber(meta[2]) or 0
  D.rings = meta[3]
  D.judge_after = tonumber(meta[4]) or 0
  D.map_sizes = meta[5] or ''
  recall()
  -- Time as leases and deadlines of offers count it: it stands still while the store does.
  D.desk_now = now - D.offset
end

-- What is empty is left out of replies: nil for an empty table.
function D.some(list)
  if list and next(list) ~= nil then return list end
end

-- A whole number as text, made once for some calls: Redis would write it out afresh in each command, as a double.
function D.text(number)
  local text = texts[number] or small[number]
  if not text then
    text = format(number % 1 == 0 and '%d' or '%.17g', number)
    if number < SMALL and number >= 0 then
      small[number] = text
    else
      texts[number], texts_count = text, texts_count + 1
    end
  end
  return text
end

-- The desk's next number for offers or references; written at the call's end.
function D.next_number(name)
  local number = numbers[name] + 1
  numbers[name], numbered = number, true
  return number
end

-- For the audit: what a count has come to, and that it has come to at least `number`.
function D.count(name)
  return numbers[name]
end

function D.count_from(name, number)
  numbers[name], numbered = max(numbers[name], number), true
end

-- Reads what changes seldom at most once after each change: `read` when another than this library changed it since.
function D.kept(name, read)
  local known = D.standing[name]
  if not known or known.version ~= numbers[name] then
    known = {version = numbers[name], value = read()}
    D.standing[name] = known
  end
  return known.value
end

-- To be said of what D.kept keeps by whatever writes it, which writes it in what is kept too.
function D.kept_changed(name)
  local known, version = D.standing[name], max(D.now, numbers[name] + 1)
  if known and known.version == numbers[name] then known.version = version end
  numbers[name], numbered = version, true
end

-- To be said where a step broke off and the script goes on: it may have written what it has not put into what is kept.
function D.distrust_kept()
  D.standing.lanes, D.standing.holds = nil, nil
end

-- To be said by whatever writes settings, queues, agents or demands: what was read of them stands no longer.
function D.roster_changed()
  numbers.roster, numbered = max(D.now, numbers.roster + 1), true
  desks[P], D.standing = nil, {queues = {}, demands = {}}
end

local function write_numbers()
  if not numbered then return end
  local n = numbers
  call('HSET', KEYS[1], 'numbers', cmsgpack.pack(n.event_ms, n.seq, n.offers, n.references, n.roster, n.holds,
    n.lanes))
  numbered = false
end

-- A record as Redis keeps it, under what this call knows of it besides. Callers name in `known` all that they will ever
-- note there, nil or not: a table that grows is made anew each time, which cost more than what is noted.
function D.record(known, packed, fields)
  local rec = fields or cmsgpack.unpack(packed)
  known.rec = rec
  return setmetatable(known, {__index = rec})
end

function D.split(text)
  local list = {}
  if text then
    for word in text:gmatch('[^,]+') do list[#list + 1] = word end
  end
  return list
end

function D.need(args, ...)
  local names = {...}
  for i = 1, #names do
    local value = args[names[i]]
    if value == nil or value == '' then D.fail('invalid', 'argument ' .. names[i] .. ' is missing') end
  end
end

function D.set_actor(actor)
  if actor then D.actor = actor.kind .. ':' .. (actor.name or '') end
end

-- Ids whose change broke half way, or the script when it had begun with none: the audit mends them.
function D.suspect(script)
  local ids = {}
  for id in pairs(D.conversations or {}) do ids[#ids + 1] = id end
  for name in pairs(D.agents or {}) do ids[#ids + 1] = 'agent:' .. name end
  if #ids == 0 then ids[1] = 'script:' .. (script or '') end
  redis.pcall('SADD', P .. 'suspect', unpack(ids))
end

-- What was numbered may be there though the call failed, and what was thought to be known may not.
local function keep_numbers()
  desks[P] = nil
  pcall(write_numbers)
end

function D.error_text(e)
  return tostring(type(e) == 'table' and (e.err or e.message) or e)
end

local function refused(e, script)
  if type(e) == 'table' and e.code then
    return cjson.encode({error = e.code, message = e.message, why = e.why})
  end
  D.suspect(script)
  keep_numbers()
  return cjson.encode({error = 'internal', message = 'script failed: ' .. D.error_text(e)})
end

-- A null says the same as a member that is absent; what parts an event's names and values is a space.
local function clean(value)
  for name, member in pairs(value) do
    if member == cjson.null then
      value[name] = nil
    elseif type(member) == 'table' then
      clean(member)
    elseif type(member) == 'string' then
      value[name] = member:gsub(SEPARATOR, ' ')
    end
  end
end

local function is_plain(text)
  return not (text:find('null', 1, true) or text:find(SEPARATOR, 1, true) or text:find('\\u001', 1, true))
end

local function perform(main, options)
  begin(options or {})
  local decoded, args = pcall(cjson.decode, ARGV[4])
  if not decoded or type(args) ~= 'table' then D.fail('invalid', 'the arguments are not a JSON object') end
  if not is_plain(ARGV[4]) then clean(args) end
  local reply = main(args)
  D.flush()
  D.flush_events()
  write_numbers()
  if type(reply) == 'string' then return '{"ok":' .. reply .. '}' end
  reply = reply or {}
  local pieces = reply.pieces
  if pieces then
    pieces[1], pieces[#pieces + 1] = '{"ok":' .. pieces[1], '}'
    return pieces
  end
  if #D.made == 0 then return '{"ok":' .. cjson.encode(reply) .. '}' end
  reply.made = D.made
  local parts = {'{"ok":', cjson.encode(reply):sub(1, -2)}
  if D.caller then D.show_offers(parts, ',"shown":[') end
  parts[#parts + 1] = '}}'
  return concat(parts)
end

-- Runs a script and answers with what it returns: a table, JSON text, or as `pieces` the parts of one.
function D.run(name, keys, argv)
  if #keys ~= 1 or #argv < 4 then return '{"error":"invalid","message":"one key and four arguments are needed"}' end
  reset(keys, argv)
  local ok, result = pcall(perform, D.scripts[name][1], D.scripts[name][2])
  return ok and result or refused(result, name)
end

-- Runs a script within another's call, as if it had come alone. `look` is given its reply while the state of that call
-- still stands; nothing of it is left behind.
function D.run_within(name, argv, look)
  local keys, mine = KEYS, ARGV
  local reply = D.run(name, keys, argv)
  look(reply)
  reset(keys, mine)
end
