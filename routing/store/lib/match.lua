-- Matching: a conversation seeks an agent (place), an agent with room seeks a conversation (room). Both end in offers.
local known_offers

D.on_start(function()
  D.later, known_offers, D.made = {}, {}, {}
end)

function D.find_offer(id)
  local o = known_offers[id]
  if o then return o end
  local packed = call('GET', P .. 'o:' .. id)
  if not packed then return nil end
  o = D.record({id = id}, packed)
  known_offers[id] = o
  return o
end

-- Live offers of a conversation, as {id, agent}.
function D.live_offers(c)
  local list = {}
  for id, name in (c.of or ''):gmatch('([^=;]+)=([^;]+)') do list[#list + 1] = {id = id, agent = name} end
  return list
end

-- He may have room later in this script, once what is under way is done.
function D.look_again(name)
  if not name or D.later[name] then return end
  D.later[name] = true
  D.later[#D.later + 1] = name
end

-- He no longer waits for `c`; what it kept him from is looked at again.
function D.release_hold(a)
  if not a or not a.hold then return end
  call('HDEL', P .. 'holds', a.hold)
  call('ZREM', P .. 'timers:bulk', 'h|' .. a.name)
  D.set_agent(a, 'hold', nil)
  a.unsettled = true
end

local function hold(a, id)
  if a.hold == id then return end
  D.release_hold(a)
  call('HSET', P .. 'holds', id, a.name)
  call('ZADD', P .. 'timers:bulk', D.now + 15000, 'h|' .. a.name)
  D.set_agent(a, 'hold', id)
  a.unsettled = true
end

-- Out of its lane; who was held for it is looked at again.
function D.leave_lane(c)
  D.lane_remove(c)
  if c.ul then
    call('SREM', P .. 'unless:' .. c.q, c.id)
    D.set(c, 'ul', nil)
  end
  local holder = call('HGET', P .. 'holds', c.id)
  if holder then
    D.release_hold(D.find_agent(holder))
    call('HDEL', P .. 'holds', c.id)
    D.look_again(holder)
  end
end

function D.set_state(c, state)
  if c.st == state then return end
  if c.st == 'waiting' then D.leave_lane(c) end
  D.set(c, 'st', state)
end

local function write_offer(c, a, id, decision)
  local weight, text = D.weight(a, c.k), cjson.encode(decision)
  local fields = {c = c.id, a = a.name, w = weight, st = 'live', k = c.k, dec = text, at = D.now, idle = a.idle or 0}
  local o = D.record({id = id}, nil, fields)
  known_offers[id] = o
  D.made[#D.made + 1] = {offer = id, agent = a.name, conversation = c.id}
  local rules = D.queue(c.q)
  local timeout = rules and rules.offer.timeout or 30000
  o.ends = D.now + timeout
  call('SET', P .. 'o:' .. id, cmsgpack.pack(fields))
  -- He is idle no longer; should he miss it, he is again as he was.
  D.set_agent(a, 'idle', D.now)
  call('ZADD', P .. 'offers:' .. a.name, D.text(D.now), id)
  call('ZADD', P .. 'timers:fast', D.text(D.desk_now + timeout), 'o|' .. id)
  D.carry(a, c.k, weight, 1)
  return o.ends, text
end

-- Offers c to a. `decision` says why.
function D.offer(c, a, decision)
  local id = 'o_' .. D.text(D.next_number('offers'))
  decision.rule, decision.cfg = c.ru, D.config
  if c.d ~= '' then decision.demand = c.d end
  local expires, text = write_offer(c, a, id, decision)
  D.set_state(c, 'offered')
  D.set(c, 'own', nil)
  D.set(c, 'of', (c.of and c.of .. ';' or '') .. id .. '=' .. a.name)
  D.next_step(c, 'agent', max(expires, #D.live_offers(c) > 1 and c.nx or 0))
  local ids = {'offer', id, 'to', a.name, 'expires_at', expires, 'decision', text}
  if D.caller then
    ids[9], ids[10] = 'via', D.caller
  end
  D.emit('offer.made', c, decision.by, ids)
end

local function passed(why, reason)
  why.no = why.no or {}
  why.no[reason] = (why.no[reason] or 0) + 1
end

local function who_is_in(elig, names)
  if not elig then return nil end
  return call('SMISMEMBER', elig, unpack(names))
end

-- Looks at one candidate from a free set: the agent when he may have c now; else nil, and whether the set was stale.
local function try(c, free, name, skip, why)
  if skip[name] then return nil end
  if c.cd and D.cooled(name, c.id) then
    passed(why, 'cooldown')
    return nil
  end
  local a = D.find_agent(name)
  if a and not D.settled(a) and D.taking(a) and not a.hold and D.has_room(a, c.k) then return a end
  call('ZREM', free, name)
  if a then D.settle(a) end
  return nil, true
end

-- The free agents whom `elig` admits, in order, a chunk at a time; `visit` returns true to end.
local function walk(free, elig, visit)
  local from, size = 0, 8
  while true do
    local flat = call('ZRANGE', free, D.text(from), D.text(from + size - 1), 'WITHSCORES')
    local names = {}
    for i = 1, #flat, 2 do names[#names + 1] = flat[i] end
    if #names == 0 then return end
    local inside = who_is_in(elig, names)
    for i = 1, #names do
      if (not inside or inside[i] == 1) and visit(names[i], tonumber(flat[2 * i])) then return end
    end
    if #names < size then return end
    from = from + size
    if from >= 72 and elig and call('SCARD', elig) <= 1024 then return from, true end
    size = from < 72 and 32 or 128
  end
end

-- For a demand that few meet: those few, by their places among the free.
local function few(free, elig, visit)
  local names = call('SMEMBERS', elig)
  if #names == 0 then return end
  local scores, list = call('ZMSCORE', free, unpack(names)), {}
  for i, name in ipairs(names) do
    if scores[i] then list[#list + 1] = {name, tonumber(scores[i])} end
  end
  table.sort(list, function(x, y)
    if x[2] ~= y[2] then return x[2] < y[2] end
    return x[1] < y[1]
  end)
  for _, x in ipairs(list) do
    if visit(x[1], x[2]) then return end
  end
end

-- The best agent of one queue for one demand, and whether anybody was free at all.
local function pick(c, queue, text, skip, why)
  local free = P .. 'free:' .. queue .. ':' .. c.k
  local elig = text ~= '' and P .. 'elig:' .. c.q .. ':' .. text or nil
  local winner, seen, stale, extra
  repeat
    winner, seen, stale, extra = nil, false, false, {}
    local function visit(name, score)
      if winner then
        if not skip[name] and not (c.cd and D.cooled(name, c.id)) then extra[#extra + 1] = D.terms(name, score) end
        return #extra == 2
      end
      seen = true
      local a, old = try(c, free, name, skip, why)
      stale = stale or old
      if a then
        winner = a
        why.win = D.terms(name, score)
      end
      return old
    end
    local _, rare = walk(free, elig, visit)
    if rare and not winner and not stale then few(free, elig, visit) end
  until winner or not stale
  if winner then why.next = D.some(extra) end
  return winner, seen
end

local function sticky(c, skip)
  local a = c.la and not skip[c.la] and D.find_agent(c.la)
  if not a or not D.admits(a, c.q, c.d) then return nil end
  if not D.taking(a) or a.hold or not D.has_room(a, c.k) or (c.cd and D.cooled(a.name, c.id)) then return nil end
  return a
end

-- By rings, then by bands, then by the order of the free sets.
local function by_order(c, skip, why)
  local any = false
  local queues = {c.q, unpack(D.parse_demand(c.d).rings)}
  for ring, queue in ipairs(queues) do
    for band, text in ipairs(D.bands(c, c.d)) do
      D.know_demand(c.q, text)
      local a, seen = pick(c, queue, text, skip, why)
      any = any or seen
      if a then
        if ring > 1 then why.ring = ring - 1 end
        if c.bn then why.band = band end
        return a, any
      end
    end
  end
  return nil, any
end

local function find_agent_for(c, skip)
  local why = {by = 'order', step = c.step and c.step > 0 and c.step or nil}
  local a = sticky(c, skip)
  if a then
    why.by, why.win = 'sticky', D.terms(a.name, D.score(a, c.k))
    return a, why
  end
  local dry = P .. 'dry:' .. c.q .. ':' .. c.k
  if call('SISMEMBER', dry, c.d) == 1 then return nil, why end
  local any
  a, any = by_order(c, skip, why)
  if not a and not any then call('SADD', dry, c.d) end
  if a then why.of = D.admitted(c.q, c.d) end
  return a, why
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

-- Preferences that hold "unless nobody is available" are looked at again when an agent leaves.
local function watch_unless(c)
  if not c.pl then return end
  for _, prefer in ipairs(D.long(c).prefer or {}) do
    if prefer.unless == 'available' and D.now - c.rx < prefer['for'] then
      call('SADD', P .. 'unless:' .. c.q, c.id)
      D.set(c, 'ul', '1')
      return
    end
  end
end

-- Puts it into its lane. It must not be in one.
local function enqueue(c, cause, change)
  D.set(c, 'st', 'waiting')
  D.lane_add(c)
  watch_unless(c)
  D.next_step(c, 'router', look_at(c, change))
  if cause then D.emit('conversation.queued', c, cause, {'demand', c.d}) end
end

-- Offers it to as many agents as its queue says at once; true when there was one.
function D.offer_to_best(c)
  local rules = D.queue(c.q)
  local want = (rules and rules.offer.parallel or 1) - #D.live_offers(c)
  local skip, made = {}, false
  for _, o in ipairs(D.live_offers(c)) do skip[o.agent] = true end
  for _ = 1, want do
    local a, why = find_agent_for(c, skip)
    if not a then break end
    skip[a.name] = true
    D.offer(c, a, why)
    made = true
  end
  return made
end

-- A conversation without owner, offer and lane gets an agent or a lane. `cause` is why it came.
function D.place(c, cause)
  if not c.rx then D.set(c, 'rx', D.now) end
  if cause then D.set(c, 'qa', D.now) end
  D.set(c, 'ag', c.us or D.now)
  local text, change, step = D.plan(c)
  D.set(c, 'd', text)
  c.step = step
  D.know_demand(c.q, text)
  if cause then D.set(c, 'why', cause) end
  if not D.offer_to_best(c) then enqueue(c, cause, change) end
end

-- Into the lane of one agent, or offered to him.
function D.place_own(c, a, timeout)
  D.set(c, 'qa', D.now)
  D.set(c, 'ag', c.us or D.now)
  D.set(c, 'd', (D.plan(c)))
  if D.taking(a) and not a.hold and D.has_room(a, c.k) then
    D.offer(c, a, {by = 'own', win = D.terms(a.name, D.score(a, c.k))})
    return
  end
  D.set(c, 'own', a.name)
  D.set(c, 'st', 'waiting')
  D.lane_add(c)
  D.next_step(c, 'router', D.now + timeout)
  D.emit('conversation.queued', c, 'transfer', {'demand', c.d})
end

-- He has room, or may have: takes the most urgent until nothing fits.
function D.room(a)
  for _ = 1, 100 do
    local room, any = {}, false
    if D.taking(a) then
      for _, kind in ipairs(D.kinds()) do
        room[kind] = D.has_room(a, kind)
        any = any or room[kind]
      end
    end
    local best = any and D.most_urgent(a, room)
    if not best then
      D.release_hold(a)
      break
    elseif not best.fits then
      hold(a, best.id)
      break
    end
    D.release_hold(a)
    local c = D.conversation(best.id)
    c.step = nil
    D.offer(c, a, {by = best.own and 'own' or 'room', win = D.terms(a.name, D.score(a, c.k)),
      u = floor(best.urgency * 1000)})
    if not best.own then D.offer_to_best(c) end
  end
  a.unsettled = true
  D.settled(a)
end

-- Ends a live offer without saying what becomes of the conversation.
function D.close_offer(c, o, outcome)
  local a = D.find_agent(o.a)
  o.rec.st, o.rec['end'] = outcome, D.now
  call('SET', P .. 'o:' .. o.id, cmsgpack.pack(o.rec), 'PX', '600000')
  call('ZREM', P .. 'offers:' .. o.a, o.id)
  call('ZREM', P .. 'timers:fast', 'o|' .. o.id)
  local left = {}
  for _, live in ipairs(D.live_offers(c)) do
    if live.id ~= o.id then left[#left + 1] = live.id .. '=' .. live.agent end
  end
  D.set(c, 'of', #left > 0 and concat(left, ';') or nil)
  if a and outcome ~= 'accepted' then
    D.carry(a, c.k, -o.w, -1)
    if a.idle == o.at then D.set_agent(a, 'idle', o.idle) end
  end
  return a
end

-- Takes back every live offer of c.
function D.take_back_all(c, outcome, cause)
  local count = 0
  for _, live in ipairs(D.live_offers(c)) do
    local o = D.find_offer(live.id)
    if o then
      D.close_offer(c, o, outcome)
      D.emit('offer.withdrawn', c, cause or outcome, {'offer', o.id, 'to', o.a})
      D.look_again(o.a)
      count = count + 1
    end
  end
  return count
end

function D.flush()
  local i = 1
  while i <= #D.later do
    local name = D.later[i]
    D.later[name] = nil
    if i <= 50 then
      local a = D.find_agent(name)
      if a then D.room(a) end
    else
      call('ZADD', P .. 'sweep', D.now, name)
    end
    i = i + 1
  end
  D.later = {}
  for _, c in pairs(D.conversations) do D.flush_conversation(c) end
  for _, a in pairs(D.agents) do D.flush_agent(a) end
end
