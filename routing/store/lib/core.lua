-- What every script begins with: time, refusals, errors, events. D ("desk") holds all functions of the parts, since a
-- script may have only 200 locals.
local call = redis.call
local D = {prefix = KEYS[1]:sub(1, -5), events = {}, actor = 'system'}
local P = D.prefix

-- Ends the script with an error; allowed before the first write only.
function D.fail(code, message, why)
  error({code = code, message = message, why = why}, 0)
end

local function begin()
  local now = tonumber(ARGV[1])
  if not now then
    local time = call('TIME')
    now = time[1] * 1000 + math.floor(time[2] / 1000)
  end
  D.now = now
  local limit = tonumber(ARGV[2])
  if limit and now > limit then D.fail('late', 'the call came ' .. (now - limit) .. ' ms after its deadline') end
  local meta = call('HMGET', KEYS[1], 'config', 'offset', 'event_ms', 'rings', 'judge_after')
  if not D.any_config and ARGV[3] ~= '' and ARGV[3] ~= (meta[1] or '') then
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
local carried = {kind = 'k', priority = 'pr', next_actor = 'na', next_at = 'nx', unanswered_since = 'us',
  first_replied_at = 'fr', due = 'du', outcome = 'out', contact = 'ct', reference = 'ref', created_at = 'cr'}

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
      for name, field in pairs(carried) do
        if c.unsaid[field] then put(name, c[field] or '') end
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
  for _, field in pairs(carried) do
    if c.unsaid[field] then return true end
  end
  return c.unsaid.st or c.unsaid.q or c.unsaid.ow
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

-- Runs `main(arguments)` and answers with what it returns: a table, or JSON text.
function D.run(main)
  local ok, result = pcall(function()
    begin()
    local decoded, args = pcall(cjson.decode, ARGV[4])
    if not decoded or type(args) ~= 'table' then D.fail('invalid', 'the arguments are not a JSON object') end
    local reply = main(args)
    if D.flush then D.flush() end
    D.flush_events()
    return reply
  end)
  if not ok then return refused(result) end
  if type(result) == 'string' then return '{"ok":' .. result .. '}' end
  return cjson.encode({ok = result or {}})
end
