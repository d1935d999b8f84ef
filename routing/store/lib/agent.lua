-- Agents: what they may do and what they carry. The sets of the free are written once a script, by flush.
D.on_start(function()
  D.agents = D.emptied(D.agents)
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

-- His levels by skill. Read when they are asked for, once a call: kept for thousands of agents they would cost more at
-- each collection of garbage than reading them does.
function D.skills(a)
  local skills = a.skills
  if not skills then
    skills = {}
    for skill, level in (a.sk or ''):gmatch('([^=,]+)=(%d+)') do skills[skill] = tonumber(level) end
    a.skills = skills
  end
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
  local packed = call('GET', P .. 'a:' .. name)
  if not packed then return nil end
  a = D.record({name = name, rec = nil, skills = nil, queues = nil, serves = nil, changed = nil, unsettled = nil,
    reachable = nil, rehold = nil, loosed = nil}, packed)
  local queues = reading(a.qs or '', read_queues)
  a.queues, a.serves = queues.list, queues.set
  a.was_p = a.p
  D.agents[name] = a
  return a
end

function D.agent(name)
  local a = name and D.find_agent(name)
  if not a then D.fail('not_found', 'no agent ' .. tostring(name)) end
  return a
end

function D.set_agent(a, field, value)
  local rec = a.rec
  if rec[field] == value then return end
  rec[field] = value
  a.changed = true
end

function D.number(a, field)
  return a[field] or 0
end

-- Adds units and conversations of a kind to what he carries.
function D.carry(a, kind, units, count)
  -- What is carried may be of a kind that no channel has any more.
  local rec, fields = a.rec, D.settings().kinds[kind] or {load = 'l.' .. kind, count = 'n.' .. kind}
  if units ~= 0 then D.set_agent(a, fields.load, max(0, (rec[fields.load] or 0) + units)) end
  if count ~= 0 then D.set_agent(a, fields.count, max(0, (rec[fields.count] or 0) + count)) end
  -- What he is held for may now be what units would not help him to.
  if a.hold and (units > 0 or count > 0) then D.look_again(a.name) end
  a.unsettled = true
end

-- Whether he carries anything that is not his customers' turn.
function D.at_work(a)
  local units, asleep = D.load(a), D.settings().asleep
  for i = 1, #asleep do units = units - (a[asleep[i]] or 0) end
  return units > 0
end

-- Some of what he carried is done. Idle time begins when nothing is left; what he does off duty adds none either.
function D.work_ended(a)
  D.set_agent(a, 'we', D.now)
  if D.at_work(a) then return end
  D.set_agent(a, 'idle', D.now)
  if a.credit then D.set_agent(a, 'credit', 0) end
  a.unsettled = true
end

-- Of the units he carries, so many more or fewer are of what is dormant: the customer's turn, not his.
function D.carry_asleep(a, kind, units)
  if units == 0 then return end
  local asleep = max(0, D.number(a, 'd.' .. kind) + units)
  D.set_agent(a, 'd.' .. kind, asleep > 0 and asleep or nil)
  -- What lacks units may no longer be worth waiting for, or be now.
  if a.hold or units < 0 then D.look_again(a.name) end
end

function D.load(a)
  local load, rec, fields = 0, a.rec, D.settings().loads
  for i = 1, #fields do load = load + (rec[fields[i]] or 0) end
  return load
end

local function override(a, kind, name)
  a.overrides = a.overrides or reading(a.kw, cjson.decode)
  return a.overrides[kind] and a.overrides[kind][name]
end

function D.weight(a, kind)
  return a.rec.kw and override(a, kind, 'weight') or (D.standing.settings or D.settings()).kinds[kind].weight
end

function D.dormant_weight(a, kind)
  return min(D.kind(kind).dormant_weight, D.weight(a, kind))
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

-- Whether he can take one of this kind at all, be he never so idle.
function D.could_carry(a, kind)
  local most = a.kw and override(a, kind, 'max') or D.kind(kind).max
  return D.weight(a, kind) <= a.cap and most ~= 0
end

-- Whether he has as many of this kind as he may.
function D.at_most(a, kind)
  local most = a.kw and override(a, kind, 'max') or D.kind(kind).max
  return most and D.number(a, 'n.' .. kind) >= most and D.weight(a, kind) <= a.cap
end

-- true: has room for one of this kind; false: it lacks units that his own work will free; nil: that would not help.
function D.has_room(a, kind)
  local rec, rules = a.rec, (D.standing.settings or D.settings()).kinds[kind]
  local weight, most, cap = rules.weight, rules.max, rec.cap
  if rec.kw then weight, most = D.weight(a, kind), override(a, kind, 'max') or most end
  if weight > cap or (most and (rec[rules.count] or 0) >= most) then return nil end
  local blocking, fields = weight, rules.blocked_by
  for i = 1, #fields do blocking = blocking + (rec[fields[i]] or 0) end
  if blocking <= cap then return true end
  -- What rests with its customers may stay for days: whoever waited for it would be idle as long.
  fields = rules.asleep
  for i = 1, #fields do weight = weight + (rec[fields[i]] or 0) end
  if weight > cap then return nil end
  return false
end

-- The agent rule as one number, least first: load after assignment ÷ capacity, skills, idle since.
function D.score(a, kind, load)
  local rec = a.rec
  local ratio = min(8191, floor(((load or D.load(a)) + D.weight(a, kind)) * 1000 / rec.cap))
  local idle = floor(((rec.idle or 0) - EPOCH) / 100)
  return (ratio * 64 + min(63, rec.ns or 0)) * 8589934592 + max(0, idle)
end

-- The terms of a score.
function D.terms(name, score)
  local high = floor(score / 8589934592)
  local since = EPOCH + (score - high * 8589934592) * 100
  return {a = name, l = floor(high / 64), s = high % 64, i = max(0, floor((D.now - since) / 1000))}
end

-- Queues whose work he may get: his own, and those that have a ring to one of his.
function D.reach(a)
  if not D.rings then return a.queues end
  if a.reachable then return a.reachable end
  local list, seen = {}, {}
  local function add(queue)
    if not seen[queue] then
      seen[queue] = true
      list[#list + 1] = queue
    end
  end
  for _, queue in ipairs(a.queues) do add(queue) end
  if #a.queues > 0 then
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

-- The keys of the free sets of a kind, by queue: made once, they are needed at every step of an agent.
local function free_keys(kind)
  local standing = D.standing
  standing.free = standing.free or {}
  local keys = standing.free[kind]
  if not keys then
    keys = {}
    standing.free[kind] = keys
  end
  return keys
end

local function free_key(keys, queue, kind)
  local key = keys[queue]
  if not key then
    key = P .. 'free:' .. queue .. ':' .. kind
    keys[queue] = key
  end
  return key
end

local function leave(a, kind)
  local keys = free_keys(kind)
  for _, queue in ipairs(a.queues) do call('ZREM', free_key(keys, queue, kind), a.name) end
end

local function enter(a, kind, load)
  local score, entered, keys, queues = D.text(D.score(a, kind, load)), 0, free_keys(kind), a.queues
  for i = 1, #queues do entered = entered + call('ZADD', free_key(keys, queues[i], kind), score, a.name) end
  if entered > 0 then wet(a, kind) end
end

-- Writes where he is free: by queue and kind, in the order of the agent rule.
function D.settle(a)
  a.unsettled = nil
  local load, was, free = D.load(a), a.free or ',', ','
  local kinds, open, out = D.kinds(), D.openings(a)
  for i = 1, #kinds do
    local kind = kinds[i]
    if open[i] then
      free = free .. kind .. ','
      enter(a, kind, load)
    elseif was:find(',' .. kind .. ',', 1, true) then
      leave(a, kind)
    end
  end
  D.set_agent(a, 'free', free)
  D.rule_out(a, out)
end

-- Settles him when something changed since; true when it had.
function D.settled(a)
  if not a.unsettled then return false end
  D.settle(a)
  return true
end

-- Who is in which state, so that they can be counted without looking at each.
local function write_state(a)
  if a.p == a.was_p then return end
  if a.was_p then call('ZREM', P .. 'state:' .. a.was_p, a.name) end
  call('ZADD', P .. 'state:' .. a.p, D.text(a.s), a.name)
  a.was_p = a.p
end

function D.flush_agent(a)
  D.settled(a)
  D.write_hold_timer(a)
  if not a.changed then return end
  write_state(a)
  call('SET', P .. 'a:' .. a.name, cmsgpack.pack(a.rec))
  a.changed = nil
end

local function wrapping(a)
  return D.some(call('HKEYS', P .. 'wrap:' .. a.name))
end

function D.agent_view(a)
  local socket = D.some(call('ZRANGE', P .. 'offers:' .. a.name, 0, -1))
  return {agent = a.name, name = a.nm, state = a.p or 'away', reason = a.r, connected = a.con == '1',
    since = tonumber(a.s), load = D.load(a), capacity = a.cap, offers = socket,
    conversations = D.some(call('ZRANGE', P .. 'work:' .. a.name, 0, -1)), wrap_up = wrapping(a),
    queues = D.some(a.queues), skills = D.some(D.skills(a)), on_shift = a.off ~= '1', taking = D.taking(a),
    held = a.hold, misses = D.number(a, 'mi'), idle_since = tonumber(a.idle)}
end
