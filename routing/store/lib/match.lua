-- Matching: a conversation seeks an agent (place), an agent with room seeks a conversation (room). Both end in offers.
D.on_start(function()
  D.later = D.emptied(D.later)
end)

-- He may have room later in this script, once what is under way is done.
function D.look_again(name)
  if not name or D.later[name] then return end
  D.later[name] = true
  D.later[#D.later + 1] = name
end

-- When a waiting conversation is looked at again at the latest.
local function look_at(c, change)
  local waited = D.now - (c.qa or D.now)
  local at = D.now + max(60000, min(3600000, waited))
  if change and change < at then at = change end
  local due = c.du or c.t1
  if due and due > D.now and due < at then at = due end
  local overflow = D.overflow_at and D.overflow_at(c)
  if overflow and overflow < at then at = overflow end
  return at
end

function D.wait_on(c)
  local _, change = D.plan(c)
  D.next_step(c, 'router', look_at(c, change))
end

-- Preferences that hold "unless nobody" has what they ask for are looked at again when an agent leaves and at a reload.
function D.watch_unless(c)
  if not c.pl or not D.hopes(c) then return end
  call('ZADD', P .. 'unless:' .. c.q, '0', c.id)
  D.set(c, 'ul', '1')
end

-- Puts it into its lane. It must not be in one.
local function enqueue(c, cause, change)
  D.set(c, 'st', 'waiting')
  D.lane_add(c)
  D.watch_unless(c)
  D.next_step(c, 'router', look_at(c, change))
  if cause then D.emit('conversation.queued', c, cause, {'demand', c.d, 'kind', c.k}) end
end

-- How many offers it lacks of those that its queue says are made at once.
local function lacking(c)
  local rules = D.queue(c.q)
  return (rules and rules.offer.parallel or 1) - #D.live_offers(c)
end

-- Whether it stands where agents who come free find it besides what waits.
function D.seek_more(c, seeks)
  if (c.sh or false) == seeks then return end
  if not seeks then D.lane_remove(c) end
  D.set(c, 'sh', seeks or nil)
  if seeks then D.lane_add(c) end
end

-- Offers it to as many agents as its queue says at once; true when there was one.
function D.offer_to_best(c)
  local live, skip, made, want = D.live_offers(c), {}, false, lacking(c)
  for i = 1, #live do skip[live[i].agent] = true end
  while want > 0 do
    local a, why = D.best_agent(c, skip)
    if not a then
      if not c.of then D.set(c, 'no', D.few_letters(why.no)) end
      break
    end
    skip[a.name] = true
    D.offer(c, a, why)
    made, want = true, want - 1
  end
  D.seek_more(c, c.of ~= nil and want > 0)
  return made
end

-- One of its offers ended, and nobody accepted: it goes to the next best, be it beside those that are left, or where a
-- rule leads it whose time came meanwhile.
function D.replace_offer(c, cause)
  if c.of then
    D.offer_to_best(c)
  else
    local moved = D.overflow_due(c) and D.overflow(c, true)
    D.place(c, moved and 'overflow' or cause)
  end
end

-- A conversation without owner, offer and lane gets an agent or a lane. `cause` is why it came.
function D.place(c, cause)
  if not c.rx then D.set(c, 'rx', D.now) end
  if cause then
    D.set(c, 'qa', D.now)
    D.set(c, 'no', nil)
  end
  D.take_turn(c)
  local text, change, step = D.plan(c)
  D.set(c, 'd', text)
  c.step, c.relaxes = step, change
  -- Nobody serves a queue that is not there: the audit finds it another.
  if not D.queue(c.q) then call('SADD', P .. 'suspect', c.id) end
  D.know_demand(c.q, text)
  if cause then D.set(c, 'why', cause) end
  if not D.offer_to_best(c) then enqueue(c, cause, change) end
end

-- Into the lane of one agent, or offered to him.
function D.place_own(c, a, timeout)
  D.set(c, 'qa', D.now)
  D.set(c, 'no', nil)
  D.take_turn(c)
  D.set(c, 'd', (D.plan(c)))
  if D.taking(a) and not D.is_held(a) and D.has_room(a, c.k) then
    D.offer(c, a, {by = 'own', win = D.terms(a.name, D.score(a, c.k))})
    return
  end
  D.set(c, 'own', a.name)
  D.set(c, 'st', 'waiting')
  D.lane_add(c)
  D.next_step(c, 'router', D.now + timeout)
  D.emit('conversation.queued', c, 'transfer', {'demand', c.d, 'kind', c.k})
  -- He may lack but units for it: then he takes nothing less urgent meanwhile.
  D.look_again(a.name)
end

-- What comes next for him: the most urgent that waits, else what may be offered to one more.
local function next_for(a, room)
  local best, c, aside
  repeat
    best, c, aside = D.most_urgent(a, room), nil, nil
    if best and (best.fits or best.id == a.doubted) then c, aside = D.to_offer(a, best) end
  until not aside
  if best then return (c or not best.fits) and best, c end
  while true do
    best = D.most_urgent_besides(a, room)
    if not best then return nil end
    c, aside = D.to_offer(a, best)
    if c and lacking(c) > 0 then return best, c end
    -- Its queue says less than it did.
    if c then D.seek_more(c, false) elseif not aside then return nil end
  end
end

-- By kind what D.has_room says; nil when he has room for nothing.
local function room_of(a)
  if not D.taking(a) then return nil end
  local room, any = {}, false
  for _, kind in ipairs(D.kinds()) do
    room[kind] = D.has_room(a, kind)
    any = any or room[kind]
  end
  return any and room or nil
end

-- For the audit: what he could be offered now; nil: nothing. Nothing is changed by it.
function D.overlooked(a)
  local room = room_of(a)
  local best = room and D.most_urgent(a, room)
  if room and not best then
    best = D.most_urgent_besides(a, room)
    local c = best and D.find(best.id)
    if not c or lacking(c) <= 0 then return nil end
  end
  return best and best.fits and best.id or nil
end

-- He has room, or may have: takes the most urgent until nothing fits, and goes on in another call when that is much.
function D.room(a)
  a.loosed = nil
  for made = 0, 100 do
    if made == 100 then
      call('ZADD', P .. 'sweep', D.now, a.name)
      break
    end
    local room, best, c = room_of(a), nil, nil
    if room then best, c = next_for(a, room) end
    if not best then
      D.release_hold(a)
      break
    elseif not best.fits then
      D.hold(a, best.id)
      break
    end
    D.release_hold(a)
    D.offer(c, a, {by = best.own and 'own' or 'room', win = D.terms(a.name, D.score(a, c.k)),
      item = best.item})
    if not best.own then D.offer_to_best(c) end
  end
  a.unsettled = true
  D.settled(a)
end

function D.flush()
  local i = 1
  while i <= #D.later do
    local name = D.later[i]
    D.later[name] = nil
    if i <= 50 then
      local a = D.find_readable_agent(name)
      if a then D.room(a) end
    else
      call('ZADD', P .. 'sweep', D.now, name)
    end
    i = i + 1
  end
  D.later = D.emptied(D.later)
  for _, c in pairs(D.conversations) do D.flush_conversation(c) end
  for _, a in pairs(D.agents) do D.flush_agent(a) end
end
