-- Audit of agents: what each carries, where he stands, what time owes him.

-- What an agent carries, counted afresh: units, conversations and dormant units by kind.
local function count_load(a, of)
  local units, counts, asleep = {}, {}, {}
  local function add(kind, weight, count)
    units[kind] = (units[kind] or 0) + weight
    counts[kind] = (counts[kind] or 0) + count
  end
  for _, id in ipairs(call('ZRANGE', P .. 'offers:' .. a.name, 0, -1)) do
    local o = D.find_offer(id)
    local c = o and D.audit_known(o.c)
    if c and o.st == 'live' and (';' .. (c.of or '') .. ';'):find(';' .. id .. '=' .. a.name .. ';', 1, true) then
      add(o.k, o.w, 1)
    else
      D.audit_find('offer.stray', of, 'offer ' .. id .. ' is in his list', function()
        call('ZREM', P .. 'offers:' .. a.name, id)
        call('ZREM', P .. 'timers:fast', 'o|' .. id)
      end)
    end
  end
  for _, id in ipairs(call('ZRANGE', P .. 'work:' .. a.name, 0, -1)) do
    local c = D.audit_known(id)
    if c and c.ow == a.name and (c.st == 'active' or c.st == 'pending' or c.st == 'snoozed') then
      -- What has lost its weight is given the usual one.
      local weight = c.w or c.st ~= 'snoozed' and D.weight(a, c.k) or 0
      add(c.k, weight, c.st == 'snoozed' and 0 or 1)
      if c.dm then asleep[c.k] = (asleep[c.k] or 0) + weight end
    else
      D.audit_find('work.stray', {agent = a.name, conversation = id}, 'is in his list and not his', function()
        call('ZREM', P .. 'work:' .. a.name, id)
      end)
    end
  end
  return units, counts, asleep, add
end

local function check_wrap_up(a, of, add)
  local flat = call('HGETALL', P .. 'wrap:' .. a.name)
  for i = 1, #flat, 2 do
    local kind, weight = flat[i + 1]:match('^(%S+) (%d+)$')
    if kind then
      add(kind, tonumber(weight), 0)
    else
      D.audit_find('record.unreadable', of, 'a wrap-up says neither kind nor weight', function()
        call('HDEL', P .. 'wrap:' .. a.name, flat[i])
      end)
    end
    local entry = 'w|' .. a.name .. '|' .. flat[i]
    if kind and not call('ZSCORE', P .. 'timers:bulk', entry) then
      D.audit_find('timer.wrap_up', of, 'a wrap-up never ends', function()
        call('ZADD', P .. 'timers:bulk', D.now, entry)
      end)
    end
  end
end

-- By kind what he should count: units, conversations, dormant units.
local function count_all(a, of)
  local units, counts, asleep, add = count_load(a, of)
  check_wrap_up(a, of, add)
  local all = {}
  for _, kind in ipairs(D.kinds()) do all[kind] = {units[kind] or 0, counts[kind] or 0, asleep[kind] or 0} end
  return all
end

local function set_load(a, kind, should)
  D.set_agent(a, 'l.' .. kind, should[1])
  D.set_agent(a, 'n.' .. kind, should[2])
  D.set_agent(a, 'd.' .. kind, should[3] > 0 and should[3] or nil)
  a.unsettled = true
  D.look_again(a.name)
end

-- For who counts nothing any more.
function D.recount(a)
  for kind, should in pairs(count_all(a, {agent = a.name})) do set_load(a, kind, should) end
end

local function check_loads(a, of)
  local all = count_all(a, of)
  for _, kind in ipairs(D.kinds()) do
    local load, count, rests = D.number(a, 'l.' .. kind), D.number(a, 'n.' .. kind), D.number(a, 'd.' .. kind)
    local should = all[kind]
    if load ~= should[1] or count ~= should[2] or rests ~= should[3] then
      D.audit_find('load.wrong', of, format('%s: counts %d units, %d and %d dormant units, has %d, %d and %d', kind,
        load, count, rests, unpack(should)), function() set_load(a, kind, should) end)
    end
  end
end

local function check_free(a, of)
  for _, kind in ipairs(D.kinds()) do
    local should = D.taking(a) and not a.hold and D.has_room(a, kind) and true or false
    for _, queue in ipairs(a.queues) do
      local score = call('ZSCORE', P .. 'free:' .. queue .. ':' .. kind, a.name)
      if should ~= (score and true or false) or (should and tonumber(score) ~= D.score(a, kind)) then
        D.audit_find('free.wrong', of, 'is ' .. (score and '' or 'not ') .. 'among the free of ' .. queue, function()
          call('ZREM', P .. 'free:' .. queue .. ':' .. kind, a.name)
          a.unsettled = true
          D.look_again(a.name)
        end)
      end
    end
  end
end

local function check_reasons(a, of)
  D.misplaced(a, function(reason, should)
    local is = should and 'not ' or ''
    D.audit_find('out.wrong', of, 'is ' .. is .. 'among those ruled out by ' .. reason, function()
      D.forget_reasons(a)
    end)
  end)
end

local function check_lease(a, of)
  if a.con == '1' and not call('ZSCORE', P .. 'timers:fast', 'l|' .. a.name) then
    D.audit_find('timer.lease', of, 'his lease never ends', function()
      call('ZADD', P .. 'timers:fast', D.desk_now + D.settings().presence.lease, 'l|' .. a.name)
    end)
  end
  if a.hold and call('HGET', P .. 'holds', a.hold) ~= a.name then
    D.audit_find('hold.wrong', of, 'is held for ' .. a.hold, function()
      D.release_hold(a)
      D.look_again(a.name)
    end)
  end
end

-- Whether he is wherever his record says.
local function check_lists(a, of)
  local taking = D.taking(a)
  if a.p and not call('ZSCORE', P .. 'state:' .. a.p, a.name) then
    D.audit_find('state.lost', of, 'is not counted as ' .. a.p, function()
      call('ZADD', P .. 'state:' .. a.p, D.text(a.s or D.now), a.name)
    end)
  end
  for _, queue in ipairs(a.queues) do
    local known = call('ZSCORE', P .. 'agents:' .. queue, a.name)
    for skill, level in pairs(D.skills(a)) do
      known = known and tonumber(call('ZSCORE', P .. 'skill:' .. queue .. ':' .. skill, a.name) or nil) == level
    end
    if not known and D.queue(queue) then
      D.audit_find('roster.wrong', of, 'is not in the lists of ' .. queue, function() D.relist(a) end)
    end
    if D.queue(queue) and taking ~= (call('SISMEMBER', P .. 'avail:' .. queue, a.name) == 1) then
      D.audit_find('avail.wrong', of, 'is ' .. (taking and 'not ' or '') .. 'among the available of ' .. queue,
        function() call(taking and 'SADD' or 'SREM', P .. 'avail:' .. queue, a.name) end)
    end
  end
end

-- Whether time will do what it owes him.
local function check_timers(a, of)
  local function owed(timers, letter, detail, at)
    local entry = letter .. '|' .. a.name
    if call('ZSCORE', P .. timers, entry) then return end
    D.audit_find('timer.agent', of, detail, function() call('ZADD', P .. timers, at, entry) end)
  end
  if a.hold then owed('timers:bulk', 'h', 'the conversation he is held for is never looked at', D.now) end
  if a.con == '1' then return end
  if a.p == 'available' or call('EXISTS', P .. 'offers:' .. a.name) == 1 then
    owed('timers:fast', 'g', 'is gone, and stays ' .. a.p, D.desk_now)
  end
  if a.dc then
    owed('timers:fast', 'r', 'is gone, and keeps his chats', a.dc + D.settings().presence.reassign_after)
  end
end

-- What waits beside him though he has room for it; unless time is still to look at him, or at what he declined.
local function check_room(a)
  if a.hold or call('ZSCORE', P .. 'sweep', a.name) then return end
  local id = D.overlooked(a)
  if not id or call('ZSCORE', P .. 'timers:bulk', 'c|' .. a.name .. '|' .. id) then return end
  D.audit_find('room.unused', {agent = a.name, conversation = id}, 'has room for what waits', function()
    D.look_again(a.name)
  end)
end

function D.audit_agent(name)
  if not D.audit_agent_readable(name) then return end
  local a, of = D.find_agent(name), {agent = name}
  if not a then
    D.audit_lost_agent(name)
    return
  end
  check_loads(a, of)
  check_lists(a, of)
  check_free(a, of)
  check_reasons(a, of)
  check_lease(a, of)
  check_timers(a, of)
  check_room(a)
end
