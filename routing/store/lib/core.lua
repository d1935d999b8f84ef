-- What every call begins with: time, refusals, errors, events. D ("desk") holds the functions of all parts and the
-- state of the call under way; P is the prefix of the desk's keys.
local call, KEYS, ARGV, P
local D = {scripts = {}}
local starters = {}

-- `forget` sets the state of a part back before each call; what is a function of its input alone may stay.
function D.on_start(forget)
  starters[#starters + 1] = forget
end

-- Ends the script with an error; allowed before the first write only.
function D.fail(code, message, why)
  error({code = code, message = message, why = why}, 0)
end

local function reset(keys, argv)
  call, KEYS, ARGV = redis.call, keys, argv
  P = keys[1]:sub(1, -5)
  D.events, D.actor = {}, 'system'
  for i = 1, #starters do starters[i]() end
end

local function begin(any_config)
  local now = tonumber(ARGV[1])
  if not now then
    local time = call('TIME')
    now = time[1] * 1000 + math.floor(time[2] / 1000)
  end
  D.now = now
  local limit = tonumber(ARGV[2])
  if limit and now > limit then D.fail('late', 'the call came ' .. (now - limit) .. ' ms after its deadline') end
  local meta = call('HMGET', KEYS[1], 'config', 'offset', 'event_ms', 'rings', 'judge_after')
  if not any_config and ARGV[3] ~= '' and ARGV[3] ~= (meta[1] or '') then
    D.fail('stale', 'the desk runs configuration ' .. (meta[1] or 'none') .. ', the caller ' .. ARGV[3])
  end
  D.config = meta[1] or ''
  D.offset = tonumber(meta[2]) or 0
  D.event_ms = tonumber(meta[3]) or 0
  D.rings = meta[4]
  D.judge_after = tonumber(meta[5]) or 0
  -- Time as leases and deadlines of offers count it: it stands still while the store does.
  D.desk_now = now - D.offset
end

-- What is empty is left out of replies: nil for an empty table.
function D.some(list)
  if list and next(list) ~= nil then return list end
end

function D.split(text)
  local list = {}
  if text then
    for word in text:gmatch('[^,]+') do list[#list + 1] = word end
  end
  return list
end

function D.need(args, ...)
  for _, name in ipairs({...}) do
    if args[name] == nil or args[name] == '' then D.fail('invalid', 'argument ' .. name .. ' is missing') end
  end
end

function D.set_actor(actor)
  if actor then D.actor = actor.kind .. ':' .. (actor.name or '') end
end

-- Fields of a conversation that its events carry, under the names of the API.
local carried = {k = 'kind', pr = 'priority', na = 'next_actor', nx = 'next_at', us = 'unanswered_since',
  fr = 'first_replied_at', du = 'due', out = 'outcome', ct = 'contact', ref = 'reference', cr = 'created_at'}
local said = {'k', 'pr', 'na', 'nx', 'us', 'fr', 'du', 'out', 'ct', 'ref', 'cr'}

-- An entry of the event stream, written by flush; `ids` is a flat list of names and values.
function D.emit(kind, c, cause, ids)
  local e = {'v', '1', 'seq', 0, 'at', D.now, 'type', kind, 'actor', D.actor}
  local n = #e
  local function put(name, value)
    e[n + 1], e[n + 2] = name, value
    n = n + 2
  end
  if cause then put('cause', cause) end
  if c then
    put('conversation', c.id)
    put('state', c.st)
    put('queue', c.q)
    put('agent', c.ow or '')
    if next(c.unsaid) then
      for i = 1, #said do
        local field = said[i]
        if c.unsaid[field] then put(carried[field], c[field] or '') end
      end
      c.unsaid = {}
    end
  end
  if ids then
    for i = 1, #ids, 2 do put(ids[i], ids[i + 1]) end
  end
  D.events[#D.events + 1] = e
end

function D.unsaid(c)
  for field in pairs(c.unsaid) do
    if carried[field] or field == 'st' or field == 'q' or field == 'ow' then return true end
  end
  return false
end

function D.flush_events()
  local count = #D.events
  if count == 0 then return end
  -- Explicit ids keep the stream a function of `now`; they must not fall when a clock steps back.
  if D.now > D.event_ms then
    D.event_ms = D.now
    call('HSET', KEYS[1], 'event_ms', D.now)
  end
  local seq = call('HINCRBY', KEYS[1], 'seq', count) - count
  local id = string.format('%d-*', D.event_ms)
  for i, e in ipairs(D.events) do
    e[4] = seq + i
    call('XADD', P .. 'events', id, unpack(e))
  end
  D.events = {}
end

-- Ids whose change broke half way: the audit mends them.
function D.suspect()
  local ids = {}
  for id in pairs(D.conversations or {}) do ids[#ids + 1] = id end
  for name in pairs(D.agents or {}) do ids[#ids + 1] = 'agent:' .. name end
  if #ids > 0 then redis.pcall('SADD', P .. 'suspect', unpack(ids)) end
end

local function refused(e)
  if type(e) == 'table' and e.code then
    return cjson.encode({error = e.code, message = e.message, why = e.why})
  end
  D.suspect()
  local text = type(e) == 'table' and e.err or tostring(e)
  return cjson.encode({error = 'internal', message = 'script failed: ' .. text})
end

-- A null says the same as a member that is absent.
local function without_nulls(value)
  for name, member in pairs(value) do
    if member == cjson.null then
      value[name] = nil
    elseif type(member) == 'table' then
      without_nulls(member)
    end
  end
end

local function perform(main, options)
  begin(options and options.any_config)
  local decoded, args = pcall(cjson.decode, ARGV[4])
  if not decoded or type(args) ~= 'table' then D.fail('invalid', 'the arguments are not a JSON object') end
  if ARGV[4]:find('null', 1, true) then without_nulls(args) end
  local reply = main(args)
  D.flush()
  D.flush_events()
  if #D.made > 0 and type(reply) ~= 'string' then
    reply = reply or {}
    reply.made = D.made
  end
  return reply
end

-- Runs a script and answers with what it returns: a table, or JSON text.
function D.run(name, keys, argv)
  if #keys ~= 1 or #argv < 4 then return '{"error":"invalid","message":"one key and four arguments are needed"}' end
  reset(keys, argv)
  local ok, result = pcall(perform, D.scripts[name][1], D.scripts[name][2])
  if not ok then return refused(result) end
  if type(result) == 'string' then return '{"ok":' .. result .. '}' end
  return cjson.encode({ok = result or {}})
end

-- Runs a script within another's call, as if it had come alone. `look` is given its reply while the state of that call
-- still stands; nothing of it is left behind.
function D.run_within(name, argv, look)
  local keys, mine = KEYS, ARGV
  local reply = D.run(name, keys, argv)
  look(reply)
  reset(keys, mine)
end
