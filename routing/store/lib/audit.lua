-- The invariants of the store, one check a kind of record. Each finding has a code; `mend` mends it.
local findings, mending

D.on_start(function()
  findings, mending = {}, false
end)

function D.begin_audit(repair)
  mending, D.standing.holds = repair, nil
  return findings
end

-- Notes a finding; `mend` is called when repairing.
local function find(code, of, detail, mend)
  local one = {code = code, detail = detail, conversation = of.conversation, agent = of.agent}
  if mending and mend then
    mend()
    one.mended = true
  end
  findings[#findings + 1] = one
end

local function lane_of(c)
  if c.own then return P .. 'own:' .. c.own end
  return P .. 'lane:' .. c.q .. ':' .. D.class(c) .. ':' .. (c.d or '')
end

-- Into routing again, from whatever it has become.
local function again(c)
  D.set(c, 'of', nil)
  D.set(c, 'own', nil)
  if c.ow then
    call('ZREM', P .. 'work:' .. c.ow, c.id)
    D.set(c, 'ow', nil)
    D.set(c, 'w', nil)
  end
  if not D.queue(c.q) then return end
  D.set(c, 'st', 'offered')
  D.place(c, 'repaired')
end

local checks = {}

function checks.waiting(c, of)
  if not call('ZSCORE', lane_of(c), c.id) then
    find('limbo.lane', of, 'waits, and is in no lane', function() D.lane_add(c) end)
  end
  if c.ow then
    find('owner.stray', of, 'waits, and belongs to ' .. c.ow, function()
      call('ZREM', P .. 'work:' .. c.ow, c.id)
      D.set(c, 'ow', nil)
      D.set(c, 'w', nil)
    end)
  end
  if D.misses_widening(c) then
    find('wider.wrong', of, 'is not indexed by what it asks for in the end', function() D.mend_widening(c) end)
  end
  if c.of then find('offer.stray', of, 'waits, and names offers', function() D.set(c, 'of', nil) end) end
end

local function live(c, offer)
  local o = D.find_offer(offer.id)
  return o and o.st == 'live' and o.c == c.id and o.a == offer.agent and
    call('ZSCORE', P .. 'offers:' .. o.a, o.id) and true or false
end

function checks.offered(c, of)
  local kept = {}
  for _, offer in ipairs(D.live_offers(c)) do
    if live(c, offer) then
      kept[#kept + 1] = offer.id .. '=' .. offer.agent
      if not call('ZSCORE', P .. 'timers:fast', 'o|' .. offer.id) then
        find('timer.offer', of, 'offer ' .. offer.id .. ' has no deadline', function()
          call('ZADD', P .. 'timers:fast', D.desk_now, 'o|' .. offer.id)
        end)
      end
    else
      find('offer.lost', of, 'offer ' .. offer.id .. ' to ' .. offer.agent .. ' is not there', function()
        call('ZREM', P .. 'offers:' .. offer.agent, offer.id)
        local o = D.find_offer(offer.id)
        if o then
          o.rec.st = 'withdrawn'
          call('SET', P .. 'o:' .. o.id, cmsgpack.pack(o.rec), 'PX', '600000')
        end
      end)
    end
  end
  if #kept == 0 then
    find('limbo.offer', of, 'is offered to nobody', function() again(c) end)
  elseif mending then
    D.set(c, 'of', concat(kept, ';'))
  end
end

function checks.owned(c, of)
  local a = c.ow and D.find_agent(c.ow)
  if not a then
    find('limbo.owner', of, 'is ' .. c.st .. ' and belongs to nobody', function() again(c) end)
    return
  end
  if not call('ZSCORE', P .. 'work:' .. c.ow, c.id) then
    find('work.lost', of, 'is not in the list of ' .. c.ow, function()
      call('ZADD', P .. 'work:' .. c.ow, D.now, c.id)
    end)
  end
  if not c.w then
    find('weight.lost', of, 'charges nothing', function()
      D.set(c, 'w', c.st == 'snoozed' and 0 or D.weight(a, c.k))
    end)
  end
end

checks.active, checks.pending, checks.snoozed = checks.owned, checks.owned, checks.owned

local function check_time(c, of)
  local open = checks[c.st]
  if open and not (c.nx and c.na) then
    find('limbo.next', of, 'has no next step', function()
      if c.st == 'waiting' then D.wait_on(c) else D.next_step(c, 'agent', D.now + 60000) end
    end)
  end
  if c.st == 'offered' or c.st == 'closed' then return end
  local at, timer = c.nx, call('ZSCORE', P .. 'timers:bulk', 'x|' .. c.id)
  if c.st == 'resolved' then at = (c.ra or D.now) + D.settings().conversations.reopen_within end
  if not timer then
    find('timer.lost', of, 'has no timer', function() call('ZADD', P .. 'timers:bulk', at or D.now, 'x|' .. c.id) end)
  elseif at and tonumber(timer) ~= at and c.st ~= 'resolved' then
    find('timer.wrong', of, 'its timer is not its next step', function()
      call('ZADD', P .. 'timers:bulk', at, 'x|' .. c.id)
    end)
  end
end

local function check_messages(c, of)
  local length = call('LLEN', D.conversation_key(c.id)) - 2
  if length < 0 then
    find('messages.lost', of, 'its messages are not there', function()
      D.lose_messages(c)
    end)
  elseif length ~= (c.n or 0) then
    find('messages.count', of, format('counts %d messages, has %d', c.n or 0, length), function()
      D.set(c, 'n', length)
    end)
  end
end

-- Those of its last messages that wait to be sent have an entry in the outbox, and its first one is in line.
local function check_outbox(c, of)
  local first = max(1, (c.n or 0) - 49)
  for i, element in ipairs(D.messages(c, first, c.n or 0)) do
    local id, _, state = D.glance(element)
    if state == 'queued' and call('EXISTS', P .. 'ob:' .. id) == 0 then
      find('outbox.lost', of, 'message ' .. id .. ' waits to be sent, and is not in the outbox', function()
        call('LREM', P .. 'obq:' .. c.id, 0, id)
        D.put_out(c, id, first + i - 1)
      end)
    end
  end
  local head = call('LINDEX', P .. 'obq:' .. c.id, 0)
  if head and not call('ZSCORE', P .. 'outbox', head) and not call('ZSCORE', P .. 'sending', head) then
    find('outbox.stuck', of, 'message ' .. head .. ' is never sent', function()
      if call('EXISTS', P .. 'ob:' .. head) == 1 then
        call('ZADD', P .. 'outbox', D.now, head)
      else
        call('LREM', P .. 'obq:' .. c.id, 0, head)
        local following = call('LINDEX', P .. 'obq:' .. c.id, 0)
        if following then call('ZADD', P .. 'outbox', 'NX', D.now, following) end
      end
    end)
  end
end

-- An entry of the outbox that stands in no line.
function D.audit_entry_out(message)
  local id = (call('HGET', P .. 'ob:' .. message, 'to') or ''):match('^(%S+)')
  if id and call('LPOS', P .. 'obq:' .. id, message) then return end
  find('outbox.stray', {conversation = id}, 'message ' .. message .. ' is in the outbox, in no line', function()
    if id and D.find(id) then
      if call('RPUSH', P .. 'obq:' .. id, message) == 1 then call('ZADD', P .. 'outbox', D.now, message) end
    else
      call('DEL', P .. 'ob:' .. message)
      call('ZREM', P .. 'outbox', message)
      call('ZREM', P .. 'sending', message)
    end
  end)
end

function D.audit_conversation(id)
  local c, of = D.find(id), {conversation = id}
  if not c then return end
  if not (c.st and c.q and c.k and c.cr and c.pr and c.ps) then
    find('record.broken', of, 'lacks what every conversation has')
    return
  end
  if checks[c.st] and not D.queue(c.q) then find('queue.lost', of, 'no queue ' .. c.q) end
  check_messages(c, of)
  if checks[c.st] then checks[c.st](c, of) end
  check_time(c, of)
  check_outbox(c, of)
  if not call('ZSCORE', D.index_key(c), c.id) then
    find('index.lost', of, 'is not in the index of ' .. c.st, function()
      call('ZADD', D.index_key(c), D.index_score(c), c.id)
    end)
  end
end

local function show_lane(key)
  local queue, class, text = key:sub(#P + 1):match('^lane:([^:]+):([^:]+:[^:]+:[^:]+):(.*)$')
  if not queue then return end
  D.show_head(queue, class, text)
  if call('EXISTS', P .. 'busy:' .. queue) == 1 then call('SADD', P .. 'busyq', queue) end
end

-- An entry of a lane or an index that no conversation stands behind.
function D.audit_entry(key, id)
  local name = key:sub(#P + 1)
  if name:sub(1, 6) == 'wider:' then
    local class, text, widest, of = id:match('^([^~]*)~([^~]*)~([^~]*)~(.*)$')
    local c = of and D.find(of)
    if c and c.st == 'waiting' and c.wd == widest and c.d == text and D.class(c) == class then return end
    find('wider.stray', {conversation = of}, 'stands in ' .. name, function() call('ZREM', key, id) end)
    return
  end
  local c = D.find(id)
  local right = c and name:sub(1, 3) == 'in:' and D.index_key(c) == key
  if c and name:sub(1, 3) ~= 'in:' then right = c.st == 'waiting' and lane_of(c) == key end
  if right then return end
  find(name:sub(1, 3) == 'in:' and 'index.stray' or 'lane.stray', {conversation = id}, 'stands in ' .. name, function()
    call('ZREM', key, id)
    show_lane(key)
  end)
end

-- The index of a lane that is not empty: its head in heads, its class in busy, its queue in busyq.
function D.audit_lane(key)
  local queue, class, text = key:sub(#P + 1):match('^lane:([^:]+):([^:]+:[^:]+:[^:]+):(.*)$')
  local top = call('ZRANGE', key, 0, 0, 'WITHSCORES')
  if not queue or not top[2] then return end
  local head = call('ZSCORE', P .. 'heads:' .. queue .. ':' .. class, text)
  local busy = call('ZSCORE', P .. 'busy:' .. queue, class)
  local first = call('ZRANGE', P .. 'heads:' .. queue .. ':' .. class, 0, 0, 'WITHSCORES')
  if head ~= top[2] or busy ~= first[2] or call('SISMEMBER', P .. 'busyq', queue) == 0 then
    find('heads.wrong', {conversation = top[1]}, 'the lane ' .. queue .. ' ' .. class .. ' is not seen', function()
      show_lane(key)
    end)
  end
end

-- What an agent carries, counted afresh: units and conversations by kind.
local function count_load(a, of)
  local units, counts = {}, {}
  local function add(kind, weight, count)
    units[kind] = (units[kind] or 0) + weight
    counts[kind] = (counts[kind] or 0) + count
  end
  for _, id in ipairs(call('ZRANGE', P .. 'offers:' .. a.name, 0, -1)) do
    local o = D.find_offer(id)
    local c = o and D.find(o.c)
    if c and o.st == 'live' and (';' .. (c.of or '') .. ';'):find(';' .. id .. '=' .. a.name .. ';', 1, true) then
      add(o.k, o.w, 1)
    else
      find('offer.stray', of, 'offer ' .. id .. ' is in his list', function()
        call('ZREM', P .. 'offers:' .. a.name, id)
        call('ZREM', P .. 'timers:fast', 'o|' .. id)
      end)
    end
  end
  for _, id in ipairs(call('ZRANGE', P .. 'work:' .. a.name, 0, -1)) do
    local c = D.find(id)
    if c and c.ow == a.name and (c.st == 'active' or c.st == 'pending' or c.st == 'snoozed') then
      add(c.k, c.w or 0, c.st == 'snoozed' and 0 or 1)
    else
      find('work.stray', {agent = a.name, conversation = id}, 'is in his list and not his', function()
        call('ZREM', P .. 'work:' .. a.name, id)
      end)
    end
  end
  return units, counts, add
end

local function check_wrap_up(a, of, add)
  local flat = call('HGETALL', P .. 'wrap:' .. a.name)
  for i = 1, #flat, 2 do
    local kind, weight = flat[i + 1]:match('^(%S+) (%d+)$')
    add(kind, tonumber(weight), 0)
    local entry = 'w|' .. a.name .. '|' .. flat[i]
    if not call('ZSCORE', P .. 'timers:bulk', entry) then
      find('timer.wrap_up', of, 'a wrap-up never ends', function() call('ZADD', P .. 'timers:bulk', D.now, entry) end)
    end
  end
end

local function check_free(a, of)
  for _, kind in ipairs(D.kinds()) do
    local should = D.taking(a) and not a.hold and D.has_room(a, kind) and true or false
    for _, queue in ipairs(a.queues) do
      local score = call('ZSCORE', P .. 'free:' .. queue .. ':' .. kind, a.name)
      if should ~= (score and true or false) or (should and tonumber(score) ~= D.score(a, kind)) then
        find('free.wrong', of, 'is ' .. (score and '' or 'not ') .. 'among the free of ' .. queue, function()
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
    find('out.wrong', of, 'is ' .. (should and 'not ' or '') .. 'among those ruled out by ' .. reason, function()
      D.forget_reasons(a)
    end)
  end)
end

local function check_lease(a, of)
  if a.con == '1' and not call('ZSCORE', P .. 'timers:fast', 'l|' .. a.name) then
    find('timer.lease', of, 'his lease never ends', function()
      call('ZADD', P .. 'timers:fast', D.desk_now + D.settings().presence.lease, 'l|' .. a.name)
    end)
  end
  if a.hold and call('HGET', P .. 'holds', a.hold) ~= a.name then
    find('hold.wrong', of, 'is held for ' .. a.hold, function()
      D.release_hold(a)
      D.look_again(a.name)
    end)
  end
end

function D.audit_agent(name)
  local a, of = D.find_agent(name), {agent = name}
  if not a then
    find('roster.lost', of, 'has no record', function() call('ZREM', P .. 'agents', name) end)
    return
  end
  local units, counts, add = count_load(a, of)
  check_wrap_up(a, of, add)
  for _, kind in ipairs(D.kinds()) do
    local load, count = D.number(a, 'l.' .. kind), D.number(a, 'n.' .. kind)
    if load ~= (units[kind] or 0) or count ~= (counts[kind] or 0) then
      find('load.wrong', of, format('%s: counts %d units and %d, has %d and %d', kind, load, count,
        units[kind] or 0, counts[kind] or 0), function()
        D.set_agent(a, 'l.' .. kind, units[kind] or 0)
        D.set_agent(a, 'n.' .. kind, counts[kind] or 0)
        a.unsettled = true
        D.look_again(a.name)
      end)
    end
  end
  check_free(a, of)
  check_reasons(a, of)
  check_lease(a, of)
end
