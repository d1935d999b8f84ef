-- Presence: what an agent's state and his sockets mean for his work.

function D.set_presence(a, state, reason)
  if a.p == state and a.r == reason then return end
  D.set_agent(a, 'p', state)
  D.set_agent(a, 'r', reason ~= '' and reason or nil)
  D.set_agent(a, 's', D.now)
  D.show_available(a)
  D.emit('agent.presence', nil, nil, {'agent', a.name, 'state', state, 'reason', reason or ''})
end

-- Idle credit: it grows while he takes work and stands still else, so that neither toggling nor a night off shift gains
-- or loses any.
local function count_idle(a, there)
  if there and a.credit then
    D.set_agent(a, 'idle', D.now - a.credit)
    D.set_agent(a, 'credit', nil)
  elseif not there and not a.credit then
    D.set_agent(a, 'credit', D.now - D.number(a, 'idle'))
  end
end

-- Keeps the sets of those who are available in step, and his places among the free.
function D.show_available(a)
  local there = D.taking(a)
  count_idle(a, there)
  if there ~= (a.av == '1') then
    for _, queue in ipairs(a.queues) do
      call(there and 'SADD' or 'SREM', P .. 'avail:' .. queue, a.name)
    end
    D.set_agent(a, 'av', there and '1' or nil)
  end
  a.unsettled = true
  if not there then D.release_hold(a) end
end

-- He will not answer them: his live offers go to others at once.
function D.take_back_offers(a, cause)
  local ids = call('ZRANGE', P .. 'offers:' .. a.name, 0, -1)
  if #ids == 0 then return end
  -- Whoever is looked for instead, he is ruled out by what he is now.
  D.show_available(a)
  D.settle(a)
  for _, id in ipairs(ids) do
    local o = D.find_offer(id)
    local c = o and D.find(o.c)
    if c then
      D.close_offer(c, o, 'presence')
      D.emit('offer.withdrawn', c, cause, {'offer', id, 'to', a.name, 'offer_state', 'presence'})
      D.replace_offer(c, 'presence')
    else
      call('ZREM', P .. 'offers:' .. a.name, id)
    end
  end
end

-- After anything that changed what he takes.
function D.presence_changed(a)
  D.show_available(a)
  if D.taking(a) then
    D.look_again(a.name)
  else
    D.settle(a)
    for _, queue in ipairs(D.reach(a)) do D.drop_unless(queue) end
  end
end

function D.connect(a)
  D.set_agent(a, 'con', '1')
  D.set_agent(a, 'lost', nil)
  D.set_agent(a, 'dc', nil)
  call('ZREM', P .. 'timers:fast', 'g|' .. a.name, 'r|' .. a.name)
  D.emit('agent.connected', nil, nil, {'agent', a.name})
  D.presence_changed(a)
end

-- His last socket is gone since `since` (in the desk's time): he gets nothing new, and keeps what he has for a while.
function D.disconnect(a, since)
  local rules = D.settings().presence
  D.set_agent(a, 'con', nil)
  D.set_agent(a, 'dc', since)
  call('ZREM', P .. 'timers:fast', 'l|' .. a.name)
  call('ZADD', P .. 'timers:fast', since + rules.grace, 'g|' .. a.name, since + rules.reassign_after, 'r|' .. a.name)
  D.emit('agent.disconnected', nil, nil, {'agent', a.name})
  D.presence_changed(a)
end

-- Preferences that hold "unless nobody" has what they ask for are looked at again when somebody may have left.
function D.drop_unless(queue)
  if call('EXISTS', P .. 'unless:' .. queue) == 1 then
    call('ZADD', P .. 'timers:bulk', D.now, 'u|' .. queue .. '|')
  end
end

-- He stays away longer than his grace: chats in his hands go to others at their age.
function D.lose(a)
  D.set_agent(a, 'lost', '1')
  D.set_agent(a, 'dc', nil)
  for _, id in ipairs(call('ZRANGE', P .. 'work:' .. a.name, 0, -1)) do
    local c = D.find(id)
    if c and c.st == 'active' and c.k == 'chat' and not c.dm then D.requeue(c, 'lost') end
  end
end
