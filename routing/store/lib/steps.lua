-- What time does: each kind of timer, by the letter its entry begins with.
D.steps = {}

local function not_yet(entry)
  if D.desk_now >= D.judge_after then return false end
  call('ZADD', P .. 'timers:fast', D.judge_after, entry)
  return true
end

-- An offer's deadline.
function D.steps.o(id)
  local o = D.find_offer(id)
  local c = o and o.st == 'live' and D.find(o.c)
  if c then D.miss(c, o, 'expired', 'timeout') end
end

-- A lease: sockets that have not renewed it are gone, with the daemon that had them.
function D.steps.l(name)
  local a = D.find_agent(name)
  if not a or a.con ~= '1' or not_yet('l|' .. name) then return end
  local key, lease = P .. 'sockets:' .. name, D.settings().presence.lease
  local newest = call('ZRANGE', key, -1, -1, 'WITHSCORES')
  call('ZREMRANGEBYSCORE', key, '-inf', D.desk_now - lease)
  if call('ZCARD', key) > 0 then
    call('ZADD', P .. 'timers:fast', tonumber(newest[2]) + lease, 'l|' .. name)
  else
    D.disconnect(a, tonumber(newest[2]) or D.desk_now - lease)
  end
end

-- Grace is over: his offers go to others.
function D.steps.g(name)
  local a = D.find_agent(name)
  if not a or a.con == '1' or not_yet('g|' .. name) then return end
  D.take_back_offers(a, 'lost')
  D.set_presence(a, 'away', 'connection lost')
  D.presence_changed(a)
end

-- His chats go to others.
function D.steps.r(name)
  local a = D.find_agent(name)
  if a and a.con ~= '1' and not not_yet('r|' .. name) then D.lose(a) end
end

-- A cool-down's end: the pair may meet again.
function D.steps.c(name, id)
  local till = call('ZSCORE', P .. 'cool:' .. name, id)
  if not till or tonumber(till) > D.now then return end
  call('ZREM', P .. 'cool:' .. name, id)
  local c = D.find(id)
  if c then D.end_cooling(c, name) end
  if c and (c.st == 'waiting' and not c.own or c.sh) then
    -- Who was passed over as cooled left no mark; so the demand is looked for afresh.
    D.offer_to_best(c)
  elseif c and c.st == 'waiting' and c.own == name then
    D.look_again(name)
  end
end

function D.steps.w(name, id)
  local a = D.find_agent(name)
  if not a then return end
  D.end_wrap_up(a, id)
  D.look_again(name)
end

-- He is held: is it still the most urgent?
function D.steps.h(name)
  local a = D.find_agent(name)
  if not a or not a.hold then return end
  if not D.offerable(a.hold) then
    -- In which lane it stands is seen when he meets it there again.
    a.doubted = a.hold
    D.release_hold(a)
  end
  call('ZADD', P .. 'timers:bulk', D.now + 15000, 'h|' .. name)
  D.look_again(name)
end

-- A demand that nobody has asked for in a while is forgotten.
function D.steps.d(queue, text)
  local demands = P .. 'demands:' .. queue
  if not call('ZSCORE', demands, text) then return end
  for _, class in ipairs(call('ZRANGE', P .. 'busy:' .. queue, 0, -1)) do
    if call('ZSCORE', P .. 'heads:' .. queue .. ':' .. class, text) then
      call('ZADD', P .. 'timers:bulk', D.now + 86400000, 'd|' .. queue .. '|' .. text)
      return
    end
  end
  call('ZREM', demands, text)
  call('DEL', P .. 'elig:' .. queue .. ':' .. text)
  D.roster_changed()
  for _, kind in ipairs(D.kinds()) do call('SREM', P .. 'dry:' .. queue .. ':' .. kind, text) end
end

-- Moves a waiting conversation to where its plan has come; matched on the way.
local function relax(c, step)
  local was = c.d
  D.leave_lane(c)
  local moved = D.overflow(c, true)
  D.place(c, moved and 'overflow' or nil)
  if c.d ~= was and not moved then D.emit('conversation.relaxed', c, nil, {'step', step, 'demand', c.d}) end
end

local function waiting(c)
  if c.own then
    D.leave_lane(c)
    D.set(c, 'own', nil)
    D.place(c, 'timeout')
    return
  end
  local text, _, step = D.plan(c)
  if text ~= c.d or D.overflow_due(c) then
    relax(c, step)
  elseif not D.offer_to_best(c) then
    D.wait_on(c)
    D.emit('conversation.due', c)
  end
end

-- Someone left, and some insisted on what perhaps nobody who is there has. Fifty at a time, those after `after`.
function D.steps.u(queue, after)
  local key, from = P .. 'unless:' .. queue, after and after ~= '' and '(' .. after or '-'
  local ids = call('ZRANGE', key, from, '+', 'BYLEX', 'LIMIT', '0', '50')
  for _, id in ipairs(ids) do
    local c = D.find_readable(id)
    if c and c.st == 'waiting' then
      local text, _, step = D.plan(c)
      if text ~= c.d then relax(c, step) end
    else
      call('ZREM', key, id)
    end
  end
  if #ids == 50 then call('ZADD', P .. 'timers:bulk', D.now, 'u|' .. queue .. '|' .. ids[50]) end
end

local function active(c)
  local a, kind = D.find_agent(c.ow), D.kind(c.k)
  local owed = c.us or c.ag
  local sleeps = a and not owed and not c.dm and kind.dormant_after and D.now >= (c.an or 0) + kind.dormant_after
  -- An absent owner's customer who never wrote again is looked after by another at the time that was named.
  if not sleeps and D.absent(a, c.k) then
    D.requeue(c, owed and 'lost' or 'woken')
    return
  end
  if sleeps then
    D.charge(c, D.dormant_weight(a, c.k))
    D.sleep(c, true)
    D.look_again(a.name)
  end
  D.owned_step(c)
  D.emit(sleeps and 'conversation.updated' or 'conversation.due', c, sleeps and 'dormant' or nil)
end

-- A conversation's own time.
function D.steps.x(id)
  local c = D.find(id)
  if not c then return end
  if c.st == 'waiting' then
    waiting(c)
  elseif c.st == 'active' then
    active(c)
  elseif c.st == 'pending' or c.st == 'snoozed' then
    D.wake(c, 'timeout')
  elseif c.st == 'resolved' then
    D.closed(c)
  end
end

-- When time has something to do next; nil: nothing.
function D.next_due()
  local at
  local function see(score, shift)
    if score and (not at or score + shift < at) then at = score + shift end
  end
  see(tonumber(call('ZRANGE', P .. 'timers:fast', 0, 0, 'WITHSCORES')[2]), D.offset)
  see(tonumber(call('ZRANGE', P .. 'timers:bulk', 0, 0, 'WITHSCORES')[2]), 0)
  if call('EXISTS', P .. 'sweep') == 1 then see(D.now, 0) end
  return at
end
