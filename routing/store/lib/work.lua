-- What becomes of a conversation in an agent's hands: owned, charged, answered, given back, ended.

-- Changes the units that c charges its owner.
function D.charge(c, units)
  local a = c.ow and D.find_agent(c.ow)
  if a and c.w ~= units then
    D.carry(a, c.k, units - (c.w or 0), 0)
    if c.dm then D.carry_asleep(a, c.k, units - (c.w or 0)) end
    if units < (c.w or 0) then D.work_ended(a) end
  end
  if c.ow and units < (c.w or 0) then D.look_again(c.ow) end
  D.set(c, 'w', units)
end

-- Dormant from now on, or no longer; at the weight that it charges now.
function D.sleep(c, asleep)
  if (c.dm == '1') == asleep then return end
  D.set(c, 'dm', asleep and '1' or nil)
  local a = c.ow and D.find_agent(c.ow)
  if not a then return end
  D.carry_asleep(a, c.k, (asleep and 1 or -1) * (c.w or 0))
  if asleep then D.work_ended(a) end
end

-- When time looks at an owned conversation: at what is promised, or, with the customer, when it goes dormant. Who was
-- handed it, or had put it aside, owes the next step even where the customer waits for no answer.
function D.owned_step(c)
  local since = c.us or c.ag
  if since then
    D.set(c, 'an', nil)
    local at = c.us and c.du or since + c.ps * 1000
    if at <= D.now then at = D.now + max(60000, c.ps * 1000) end
    D.next_step(c, 'agent', at)
    return
  end
  D.set(c, 'an', c.an or D.now)
  local kind = D.kind(c.k)
  local at = c.t2 and c.t2 > D.now and c.t2 or D.now + D.settings().conversations.pending_for
  if not c.dm and kind.dormant_after then at = min(at, c.an + kind.dormant_after) end
  D.next_step(c, 'customer', at)
end

-- a owns c from now on; its units are on him already unless `charge`.
function D.own(c, a, units, charge)
  if charge then D.carry(a, c.k, units, 1) end
  D.set_state(c, 'active')
  D.set(c, 'own', nil)
  D.set(c, 'ow', a.name)
  D.set(c, 'la', a.name)
  D.set(c, 'w', units)
  D.set(c, 'dm', nil)
  call('ZADD', P .. 'work:' .. a.name, D.text(D.now), c.id)
  if c.ct then D.was_served(c, a.name) end
  if charge then D.set_agent(a, 'idle', D.now) end
  D.owned_step(c)
end

-- Takes it from its owner; what it charged is free, unless `wrap` keeps it for the wrap-up. Returns the owner.
function D.let_go(c, wrap)
  local a, worked = D.find_agent(c.ow), not c.dm and (c.w or 0) > 0
  call('ZREM', P .. 'work:' .. c.ow, c.id)
  D.sleep(c, false)
  if a then
    -- A snoozed one neither weighs nor counts.
    if c.st ~= 'snoozed' then D.carry(a, c.k, 0, -1) end
    if wrap and wrap > 0 and c.w > 0 then
      D.end_wrap_up(a, c.id)
      call('HSET', P .. 'wrap:' .. a.name, c.id, c.k .. ' ' .. c.w)
      call('ZADD', P .. 'timers:bulk', D.now + wrap, 'w|' .. a.name .. '|' .. c.id)
    else
      D.carry(a, c.k, -c.w, 0)
      if worked then D.work_ended(a) end
    end
    D.look_again(a.name)
  end
  D.set(c, 'ow', nil)
  D.set(c, 'w', nil)
  return a
end

function D.end_wrap_up(a, id)
  local kept = call('HGET', P .. 'wrap:' .. a.name, id)
  if not kept then return end
  local kind, units = kept:match('^(%S+) (%d+)$')
  call('HDEL', P .. 'wrap:' .. a.name, id)
  D.carry(a, kind, -tonumber(units), 0)
  D.work_ended(a)
end

-- The owner's name is checked: only he, or who acts for him, may go on with it.
function D.owned_by(c, name)
  if c.ow ~= name then
    local holder = c.ow and 'belongs to ' .. c.ow or 'is ' .. c.st .. ' and belongs to nobody'
    D.fail('conflict', 'conversation ' .. c.id .. ' ' .. holder, c.ow and 'owner' or 'state')
  end
end

-- What the customer wrote after the message `seen` must not be put aside unread. An id that no message has: nothing was
-- seen. Looks back no further than his last word.
function D.has_seen(c, seen)
  if not seen then return end
  for seq = c.n or 0, 1, -1 do
    local id, direction = D.glance(D.message(c, seq))
    if id == seen then return end
    if direction == 'in' then
      D.fail('conflict', 'the customer has written since; read it, then do this again', 'unseen')
    end
  end
end

-- The first message that asks for an answer and came after `seen`: `at`, `due`. Looks back no further than to what is
-- unanswered; if that goes back very far, all of it counts as unseen.
function D.unseen(c, seen)
  if not seen or not c.us then return end
  local first
  for seq = c.n, max(1, c.n - 199), -1 do
    local id, at, asks, due = D.question(c, D.message(c, seq))
    if id == seen or at < c.us then return first end
    if asks then first = {at = at, due = at == c.us and c.du or due} end
  end
  return {at = c.us, due = c.du}
end

-- In its owner's hands again, after it was put aside.
function D.activate(c)
  local a = D.find_agent(c.ow)
  if a and c.st == 'snoozed' then D.carry(a, c.k, 0, 1) end
  D.set_state(c, 'active')
  D.awake(c)
end

-- Full weight again. More than the agent's capacity is carried: he gets nothing new until it is worked off.
function D.awake(c)
  local a = D.find_agent(c.ow)
  D.sleep(c, false)
  if a then D.charge(c, D.weight(a, c.k)) end
end

-- An owned conversation goes back to its queue at its age; its agent is preferred should he be free.
function D.requeue(c, cause)
  if c.ow then
    D.set(c, 'la', c.ow)
    D.let_go(c)
  end
  if cause == 'lost' and c.k == 'chat' then D.owe(c, 'reassigned:' .. D.text(D.now)) end
  D.place(c, cause)
  -- Offered again at once it joins no lane, and no entry says why it left.
  if cause == 'lost' and c.st ~= 'waiting' then D.emit('conversation.updated', c, cause) end
end

-- Pending or snoozed no longer: to its owner, or to its queue when he is not there.
function D.wake(c, cause)
  local a = c.ow and D.find_agent(c.ow)
  D.take_turn(c)
  D.emit('conversation.woken', c, cause)
  if D.absent(a, c.k) then
    D.requeue(c, 'woken')
    return
  end
  D.activate(c)
  D.owned_step(c)
end

-- What a customer's message does to a conversation that is not resolved; or what else he needs an answer for.
function D.customer_wrote(c, due, cause)
  if not c.us then
    D.set(c, 'us', D.now)
    D.set(c, 'du', due)
  end
  if c.st == 'pending' or c.st == 'snoozed' then
    D.wake(c, cause or 'customer')
  elseif c.st == 'active' then
    if D.absent(D.find_agent(c.ow), c.k) then
      D.requeue(c, 'lost')
    else
      if c.dm then D.awake(c) end
      D.owned_step(c)
    end
  end
end

-- Done: out of everyone's hands. Returns the former owner's name.
function D.resolve(c, outcome, wrap)
  local owner = c.ow
  D.take_back_all(c, 'withdrawn', 'resolved')
  if c.ow then
    D.set(c, 'la', c.ow)
    D.let_go(c, wrap)
  end
  D.set_state(c, 'resolved')
  D.set(c, 'own', nil)
  D.set(c, 'out', outcome)
  D.set(c, 'us', nil)
  D.set(c, 'du', nil)
  D.set(c, 'ra', D.now)
  D.end_turn(c)
  D.end_all_cooling(c)
  D.next_step(c, nil, nil)
  return owner
end

function D.wrap_up(c)
  local rules = D.queue(c.q)
  return rules and rules.wrap_up or 0
end

-- The customer writes again after it was resolved.
function D.reopen(c, due, cause)
  D.set(c, 'out', nil)
  D.set(c, 'ra', nil)
  D.set(c, 'us', D.now)
  D.set(c, 'du', due)
  D.set(c, 'rx', nil)
  D.set(c, 'dr', nil)
  D.set(c, 'ov', nil)
  D.emit('conversation.reopened', c, cause or 'customer', {'kind', c.k})
  D.overflow(c)
  D.place(c, 'reopened')
end

-- An agent's answer that cannot be delivered is none: the customer waits again, and somebody has to reach him
-- otherwise. What is closed stays so.
function D.undelivered(c)
  if c.st == 'resolved' then D.rehouse(c) end
  local due = D.now + c.ps * 1000
  if c.st == 'resolved' then
    D.reopen(c, due, 'undelivered')
  elseif c.st ~= 'closed' then
    D.customer_wrote(c, due, 'undelivered')
  end
end

function D.closed(c)
  D.set_state(c, 'closed')
  D.set(c, 'ra', nil)
  D.set(c, 'ca', D.now)
  D.emit('conversation.closed', c)
end

-- A note that agents alone see: `message`, `name` of args, and the body. Returns its JSON.
function D.append_note(c, args)
  local author = {kind = args.actor and args.actor.kind or 'agent', id = args.actor and args.actor.name or args.agent,
    name = args.name, verified = true}
  D.append(c, {id = args.message, direction = 'note', author = author, state = 'stored'}, ARGV[5] or '{}')
  D.link_blobs(c, args.blobs)
  D.emit('message.note', c, nil, {'message', args.message, 'message_seq', c.n})
  return D.newest_json(c)
end

-- Puts a message into the outbox; one conversation's go out in order.
function D.send(c, message)
  call('HSET', P .. 'ob:' .. message, 'at', D.now, 'to', c.id .. ' ' .. c.n, 'try', 0)
  if call('RPUSH', P .. 'obq:' .. c.id, message) == 1 then call('ZADD', P .. 'outbox', D.now, message) end
end
