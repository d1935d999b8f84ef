-- Agents: what they may do and what they carry. The sets of the free are written once a script, by flush.
D.on_start(function()
  D.agents = {}
end)
local EPOCH = 1577836800000  -- 2020: what `idle` counts from in scores

local known, size = {}, 0

-- What the texts of the roster say, read once for all calls: never to be changed.
local function reading(text, read)
  local value = known[text]
  if not value then
    if size > 20000 then known, size = {}, 0 end
    value = read(text)
    known[text], size = value, size + 1
  end
  return value
end

local function read_skills(text)
  local skills = {}
  for skill, level in text:gmatch('([^=,]+)=(%d+)') do skills[skill] = tonumber(level) end
  return skills
end

local function read_queues(text)
  local queues = {list = D.split(text), set = {}}
  for _, name in ipairs(queues.list) do queues.set[name] = true end
  return queues
end

-- nil when the roster does not have him.
function D.find_agent(name)
  local a = D.agents[name]
  if a then return a end
  local flat = call('HGETALL', P .. 'a:' .. name)
  if #flat == 0 then return nil end
  a = {name = name, dirty = {}}
  for i = 1, #flat, 2 do a[flat[i]] = flat[i + 1] end
  a.skills = reading('=' .. (a.sk or ''), read_skills)
  local queues = reading(a.qs or '', read_queues)
  a.queues, a.serves = queues.list, queues.set
  a.cap = tonumber(a.cap) or 0
  a.was_free = a.free or ''
  D.agents[name] = a
  return a
end

function D.agent(name)
  local a = name and D.find_agent(name)
  if not a then D.fail('not_found', 'no agent ' .. tostring(name)) end
  return a
end

function D.set_agent(a, field, value)
  if a[field] == value then return end
  a[field] = value
  a.dirty[field] = true
end

function D.number(a, field)
  return tonumber(a[field]) or 0
end

local number = D.number

-- Adds units and conversations of a kind to what he carries.
function D.carry(a, kind, units, count)
  if units ~= 0 then D.set_agent(a, 'l.' .. kind, math.max(0, D.number(a, 'l.' .. kind) + units)) end
  if count ~= 0 then D.set_agent(a, 'n.' .. kind, math.max(0, D.number(a, 'n.' .. kind) + count)) end
  -- What he is held for may now be what units would not help him to.
  if a.hold and (units > 0 or count > 0) then D.look_again(a.name) end
  a.unsettled = true
end

function D.load(a)
  local load = 0
  local fields = D.settings().loads
  for i = 1, #fields do load = load + number(a, fields[i]) end
  return load
end

local function override(a, kind, name)
  if not a.kw then return nil end
  a.overrides = a.overrides or reading(a.kw, cjson.decode)
  return a.overrides[kind] and a.overrides[kind][name]
end

function D.weight(a, kind)
  return override(a, kind, 'weight') or D.kind(kind).weight
end

function D.dormant_weight(a, kind)
  return math.min(D.kind(kind).dormant_weight, D.weight(a, kind))
end

-- Present, willing and within his shift.
function D.taking(a)
  return a.p == 'available' and a.con == '1' and a.off ~= '1' and a.gone ~= '1'
end

-- Nobody will answer at his desk: the customer's next word goes to another.
function D.absent(a, kind)
  if not a or a.gone == '1' or a.lost == '1' then return true end
  return kind == 'chat' and a.p == 'away'
end

-- true: has room for one of this kind; false: only units are lacking; nil: it could not be helped by units.
function D.has_room(a, kind)
  local rules, weight = D.kind(kind), D.weight(a, kind)
  local max = override(a, kind, 'max') or rules.max
  if weight > a.cap or (max and D.number(a, 'n.' .. kind) >= max) then return nil end
  local blocking, fields = weight, rules.blocked_by
  for i = 1, #fields do blocking = blocking + number(a, fields[i]) end
  return blocking <= a.cap
end

-- The agent rule as one number, least first: load after assignment ÷ capacity, skills, idle since.
function D.score(a, kind, load)
  local ratio = math.min(8191, math.floor(((load or D.load(a)) + D.weight(a, kind)) * 1000 / a.cap))
  local idle = math.floor((D.number(a, 'idle') - EPOCH) / 100)
  return (ratio * 64 + math.min(63, D.number(a, 'ns'))) * 8589934592 + math.max(0, idle)
end

-- The terms of a score.
function D.terms(name, score)
  local high = math.floor(score / 8589934592)
  local since = EPOCH + (score - high * 8589934592) * 100
  return {a = name, l = math.floor(high / 64), s = high % 64, i = math.max(0, math.floor((D.now - since) / 1000))}
end

-- Queues whose work he may get: his own, and those that have a ring to one of his.
function D.reach(a)
  if a.reachable then return a.reachable end
  local list, seen = {}, {}
  local function add(queue)
    if not seen[queue] then
      seen[queue] = true
      list[#list + 1] = queue
    end
  end
  for _, queue in ipairs(a.queues) do add(queue) end
  if D.rings and #a.queues > 0 then
    for _, borrowers in ipairs(call('HMGET', P .. 'rings', unpack(a.queues))) do
      for _, queue in ipairs(D.split(borrowers or nil)) do add(queue) end
    end
  end
  a.reachable = list
  return list
end

-- Somebody is free again: demands that had found nobody are looked for again.
local function wet(a, kind)
  local keys = {}
  for i, queue in ipairs(D.reach(a)) do keys[i] = P .. 'dry:' .. queue .. ':' .. kind end
  if #keys == 0 or call('EXISTS', unpack(keys)) == 0 then return end
  for i, queue in ipairs(D.reach(a)) do
    for _, text in ipairs(call('SMEMBERS', keys[i])) do
      if D.admits(a, queue, text) then call('SREM', keys[i], text) end
    end
  end
end

local function leave(a, kind)
  for _, queue in ipairs(a.queues) do call('ZREM', P .. 'free:' .. queue .. ':' .. kind, a.name) end
end

-- Writes where he is free: by queue and kind, in the order of the agent rule.
function D.settle(a)
  a.unsettled = nil
  local free, open, load = {}, D.taking(a) and not a.hold, D.load(a)
  for _, kind in ipairs(D.kinds()) do
    if open and D.has_room(a, kind) then
      free[#free + 1] = kind
      local score, entered = D.score(a, kind, load), 0
      local queues, name = a.queues, a.name
      for i = 1, #queues do entered = entered + call('ZADD', P .. 'free:' .. queues[i] .. ':' .. kind, score, name) end
      if entered > 0 then wet(a, kind) end
    elseif (',' .. a.was_free .. ','):find(',' .. kind .. ',', 1, true) then
      leave(a, kind)
    end
  end
  a.was_free = table.concat(free, ',')
  D.set_agent(a, 'free', a.was_free)
end

-- Settles him when something changed since; true when it had.
function D.settled(a)
  if not a.unsettled then return false end
  D.settle(a)
  return true
end

function D.flush_agent(a)
  D.settled(a)
  if not next(a.dirty) then return end
  local set, gone = {}, {}
  for field in pairs(a.dirty) do
    if a[field] == nil then
      gone[#gone + 1] = field
    else
      set[#set + 1] = field
      set[#set + 1] = a[field]
    end
  end
  if #set > 0 then call('HSET', P .. 'a:' .. a.name, unpack(set)) end
  if #gone > 0 then call('HDEL', P .. 'a:' .. a.name, unpack(gone)) end
  a.dirty = {}
end

local function wrapping(a)
  return D.some(call('HKEYS', P .. 'wrap:' .. a.name))
end

function D.agent_view(a)
  local socket = D.some(call('ZRANGE', P .. 'offers:' .. a.name, 0, -1))
  return {agent = a.name, name = a.nm, state = a.p or 'away', reason = a.r, connected = a.con == '1',
    since = tonumber(a.s), load = D.load(a), capacity = a.cap, offers = socket,
    conversations = D.some(call('ZRANGE', P .. 'work:' .. a.name, 0, -1)), wrap_up = wrapping(a),
    queues = D.some(a.queues), skills = D.some(a.skills), on_shift = a.off ~= '1', taking = D.taking(a),
    held = a.hold, misses = D.number(a, 'mi'), idle_since = tonumber(a.idle)}
end
