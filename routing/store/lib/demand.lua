-- Demands: what is asked of an agent, as text: "cooling=2,hy=3+cooks" (skills sorted, then the queues of open rings).
local parsed, count = {}, 0

function D.demand_text(levels, rings)
  local parts = {}
  for skill, level in pairs(levels) do
    if level > 0 then parts[#parts + 1] = format('%s=%d', skill, level) end
  end
  table.sort(parts)
  local text = concat(parts, ',')
  for _, queue in ipairs(rings or {}) do text = text .. '+' .. queue end
  return text
end

-- Its skills and its rings' queues.
function D.parse_demand(text)
  local d = parsed[text]
  if not d then
    if count > 10000 then parsed, count = {}, 0 end
    count = count + 1
    d = {skills = {}, rings = {}}
    local skills, rings = text:match('^([^+]*)(.*)$')
    for skill, level in skills:gmatch('([^=,]+)=(%d+)') do d.skills[#d.skills + 1] = {skill, tonumber(level)} end
    for queue in rings:gmatch('[^+]+') do d.rings[#d.rings + 1] = queue end
    parsed[text] = d
  end
  return d
end

-- May the agent take work of this queue and demand, room aside?
function D.admits(a, queue, text)
  local d = D.parse_demand(text)
  local serves = a.serves[queue]
  for i = 1, #d.rings do serves = serves or a.serves[d.rings[i]] end
  if not serves then return false end
  local needs = d.skills
  if #needs == 0 then return true end
  local skills = D.skills(a)
  for i = 1, #needs do
    local need = needs[i]
    if (skills[need[1]] or 0) < need[2] then return false end
  end
  return true
end

local function merge(into, levels)
  for skill, level in pairs(levels or {}) do
    if level > (into[skill] or 0) then into[skill] = level end
  end
end

-- Agents of one queue who meet the skills, without scanning those who lack the first.
local function who_meet(queue, skills)
  if #skills == 0 then return call('ZRANGE', P .. 'agents:' .. queue, 0, -1) end
  local names = call('ZRANGE', P .. 'skill:' .. queue .. ':' .. skills[1][1], skills[1][2], '+inf', 'BYSCORE')
  for i = 2, #skills do
    local key, level, kept = P .. 'skill:' .. queue .. ':' .. skills[i][1], skills[i][2], {}
    for from = 1, #names, 1000 do
      local levels = call('ZMSCORE', key, unpack(names, from, min(from + 999, #names)))
      for j = 1, #levels do
        if levels[j] and tonumber(levels[j]) >= level then kept[#kept + 1] = names[from + j - 1] end
      end
    end
    names = kept
  end
  return names
end

-- The agents that a demand admits, present or not, read from the roster itself.
function D.meeting(queue, text)
  local d, names, seen = D.parse_demand(text), {}, {}
  for _, from in ipairs({queue, unpack(d.rings)}) do
    for _, name in ipairs(who_meet(from, d.skills)) do
      if not seen[name] then
        seen[name] = true
        names[#names + 1] = name
      end
    end
  end
  return names, seen
end

-- What a conversation asks for at the end of its plan: no preference any more, every ring open.
function D.widest(c)
  local rings = {}
  for _, ring in ipairs(D.long(c).rings or {}) do rings[#rings + 1] = ring.queue end
  return D.demand_text(D.long(c).require or {}, rings)
end

local function somebody_carries(names, kind)
  for i = 1, #names do
    local a = D.find_readable_agent(names[i])
    if a and D.could_carry(a, kind) then return true end
  end
  return false
end

-- Whether anybody in the roster can ever take a conversation of this kind that asks for a demand that is known.
function D.somebody_takes(queue, text, kind)
  local some
  if text == '' then
    some = call('ZRANGE', P .. 'agents:' .. queue, 0, 49)
  else
    some = call('SSCAN', P .. 'elig:' .. queue .. ':' .. text, 0, 'COUNT', 50)[2]
  end
  -- The first one can, nearly always; only where none of these can, all are looked at.
  return somebody_carries(some, kind) or #some > 0 and D.somebody_meets(queue, text, kind)
end

-- The same for any demand, read from the roster itself.
function D.somebody_meets(queue, text, kind)
  return somebody_carries((D.meeting(queue, text)), kind)
end

-- Whether `from` knows that `queue` may have its agents.
function D.borrows(from, queue)
  for _, name in ipairs(D.split(call('HGET', P .. 'rings', from))) do
    if name == queue then return true end
  end
  return false
end

function D.borrow(from, queue)
  if not D.borrows(from, queue) then
    local known = D.split(call('HGET', P .. 'rings', from))
    known[#known + 1] = queue
    call('HSET', P .. 'rings', from, concat(known, ','))
  elseif D.rings then
    return
  end
  call('HSET', KEYS[1], 'rings', '1')
  D.rings = '1'
end

-- Makes the set of agents that a demand admits, when it is new; static until the roster changes.
function D.know_demand(queue, text)
  if text == '' then return end
  local known, name = D.standing.demands, queue .. ' ' .. text
  if known[name] then return end
  known[name] = true
  local demands = P .. 'demands:' .. queue
  if call('ZSCORE', demands, text) then return end
  local d, key = D.parse_demand(text), P .. 'elig:' .. queue .. ':' .. text
  call('DEL', key)
  local function add(from)
    local names = who_meet(from, d.skills)
    for i = 1, #names, 1000 do call('SADD', key, unpack(names, i, min(i + 999, #names))) end
  end
  add(queue)
  for _, ring in ipairs(d.rings) do
    add(ring)
    D.borrow(ring, queue)
  end
  call('ZADD', demands, D.now, text)
  call('ZADD', P .. 'timers:bulk', D.now + 86400000, 'd|' .. queue .. '|' .. text)
end

-- How many agents a demand admits, present or not.
function D.admitted(queue, text)
  local known, name = D.standing.demands, queue .. ' ' .. text
  if type(known[name]) ~= 'number' then
    D.know_demand(queue, text)
    local admitted = P .. 'elig:' .. queue .. ':' .. text
    known[name] = text == '' and call('ZCARD', P .. 'agents:' .. queue) or call('SCARD', admitted)
  end
  return known[name]
end

local function nobody(queue, text, unless)
  if unless == 'rostered' then return D.admitted(queue, text) == 0 end
  D.know_demand(queue, text)
  local elig = text == '' and P .. 'agents:' .. queue or P .. 'elig:' .. queue .. ':' .. text
  for _, from in ipairs({queue, unpack(D.parse_demand(text).rings)}) do
    if call('ZINTERCARD', 2, P .. 'avail:' .. from, elig, 'LIMIT', 1) > 0 then return false end
  end
  return true
end

-- How long after its place in the queue a preference was dropped because nobody had it; nil when it was not.
local function dropped_at(c, i)
  local after = (c.dr or ''):match(';' .. i .. '=(%d+);')
  return after and tonumber(after)
end

-- When a preference ends, counted from its place in the queue, that begins at `from`.
local function end_of(c, i, prefer, from)
  local at = from + prefer['for']
  return max(from, min(at, dropped_at(c, i) or at))
end

-- The levels asked for with the preferences that still hold, and how many are behind it. The first goes first, by its
-- time; at once, whichever nobody has together with those before it.
local function insist(c, rings, waited, later)
  local long, behind, levels, at = D.long(c), 0, {}, 0
  merge(levels, long.require)
  for i, prefer in ipairs(long.prefer or {}) do
    local tried, from = {}, at
    merge(tried, levels)
    merge(tried, prefer.skills)
    at = end_of(c, i, prefer, from)
    if waited >= at or dropped_at(c, i) then
      behind = behind + 1
    elseif prefer.unless and nobody(c.q, D.demand_text(tried, rings), prefer.unless) then
      behind = behind + 1
      D.set(c, 'dr', (c.dr or ';') .. i .. '=' .. waited .. ';')
      at = max(from, waited)
    else
      levels = tried
      later(at)
    end
  end
  return levels, behind
end

-- Whether a preference still holds that is dropped when nobody who has it is there.
function D.hopes(c)
  local at = 0
  for i, prefer in ipairs(D.long(c).prefer or {}) do
    at = end_of(c, i, prefer, at)
    if prefer.unless and D.now - c.rx < at and not dropped_at(c, i) then return true end
  end
  return false
end

-- The demand of a conversation as it stands now, or later `at` if nothing but time changes it: preferences not yet
-- dropped, rings open. Returns the text, the time at which it changes next, and how many steps are behind it.
function D.plan(c, at)
  if not c.pl then return c.d or '', nil, 0 end
  local long, waited, step, change = D.long(c), (at or D.now) - c.rx, 0, nil
  local function later(after)
    if not change or c.rx + after < change then change = c.rx + after end
  end
  local rings = {}
  for _, ring in ipairs(long.rings or {}) do
    if waited >= ring.after then
      rings[#rings + 1] = ring.queue
      step = step + 1
    else
      later(ring.after)
    end
  end
  local levels, dropped = insist(c, rings, waited, later)
  return D.demand_text(levels, rings), change, step + dropped
end

-- The demands to try in the order of proficiency bands, the widest last.
function D.bands(c, text)
  if not c.bn then return {text} end
  local bands, depth, d = D.long(c).bands, 0, D.parse_demand(text)
  for _, floors in pairs(bands) do depth = max(depth, #floors) end
  local tries = {}
  for i = 1, depth do
    local levels = {}
    for _, need in ipairs(d.skills) do levels[need[1]] = need[2] end
    for skill, floors in pairs(bands) do merge(levels, {[skill] = floors[i] or 0}) end
    tries[#tries + 1] = D.demand_text(levels, d.rings)
  end
  if tries[#tries] ~= text then tries[#tries + 1] = text end
  return tries
end
