-- Holds: who lacks units only for the most urgent takes nothing less urgent meanwhile.

local MOST_CONVERSATIONS = 2000  -- whose lanes are remembered

-- `by`: who is held, by the conversation he is held for. `fronts`: by lane its first conversation that nobody is held
-- for, {id, since, key}, or false; `lanes`: in which lane each of those seen on the way stands; false: in none.
local function read_holds()
  local flat, by = call('HGETALL', P .. 'holds'), {}
  for i = 1, #flat, 2 do by[flat[i]] = flat[i + 1] end
  return {by = by, fronts = {}, lanes = {}, seen = 0}
end

local function known_holds()
  return D.kept('holds', read_holds)
end

-- Who is held, by the conversation he is held for.
function D.holds()
  return known_holds().by
end

function D.forget_fronts()
  local known = known_holds()
  known.fronts, known.lanes, known.seen = {}, {}, 0
end

local function look_for_front(known, key)
  for from = 0, 4, 4 do
    local list = call('ZRANGE', key, D.text(from), from == 0 and '3' or '9', 'WITHSCORES')
    for i = 1, #list, 2 do
      local id = list[i]
      if known.lanes[id] == nil then known.seen = known.seen + 1 end
      known.lanes[id] = key
      if not known.by[id] then return {id = id, since = tonumber(list[i + 1]), key = key} end
    end
    if #list < 8 then break end
  end
  return false
end

-- The first of a lane's first ten that nobody is held for; nil when there is none. Looked for again when a hold or the
-- lane has changed there.
function D.front(key)
  local known = known_holds()
  if known.fronts[key] == nil then
    if known.seen > MOST_CONVERSATIONS then D.forget_fronts() end
    known.fronts[key] = look_for_front(known, key)
  end
  return known.fronts[key] or nil
end

-- c has joined the lane (`since` its score), or left it.
function D.lane_changed(key, c, since)
  local known = D.standing.holds and D.standing.holds.value
  if not known then return end
  if known.lanes[c.id] ~= nil then known.lanes[c.id] = since and key or false end
  local front = known.fronts[key]
  local behind = front and (since and since > front.since or not since and front.id ~= c.id)
  if not behind then known.fronts[key] = nil end
end

local function set_holder(id, name)
  local known = known_holds()
  local lane = known.lanes[id]
  if lane then known.fronts[lane] = nil elseif lane == nil then D.forget_fronts() end
  known.by[id] = name
  D.kept_changed('holds')
  if name then call('HSET', P .. 'holds', id, name) else call('HDEL', P .. 'holds', id) end
end

-- He no longer waits for `c`; what it kept him from is looked at again.
function D.release_hold(a)
  if not a or not a.hold then return end
  if D.holds()[a.hold] == a.name then set_holder(a.hold, nil) end
  D.set_agent(a, 'hold', nil)
  a.rehold, a.unsettled = true, true
end

function D.hold(a, id)
  if a.hold == id then return end
  D.release_hold(a)
  set_holder(id, a.name)
  D.set_agent(a, 'hold', id)
  a.rehold, a.unsettled = true, true
end

-- Writes when time looks at his hold; once a call, since he who is released is mostly held for the next.
function D.write_hold_timer(a)
  if not a.rehold then return end
  a.rehold = nil
  if a.hold then
    call('ZADD', P .. 'timers:bulk', D.now + 15000, 'h|' .. a.name)
  else
    call('ZREM', P .. 'timers:bulk', 'h|' .. a.name)
  end
end

-- Whoever is held for it is so no longer, and is looked at again.
function D.free_holder(id)
  local holder = D.holds()[id]
  if not holder then return end
  local a = D.find_readable_agent(holder)
  D.release_hold(a)
  if D.holds()[id] then set_holder(id, nil) end
  if a then a.loosed = true end
  D.look_again(holder)
end

-- Whether he is kept from what comes by itself: held, or not looked at yet since what held him changed its place.
function D.is_held(a)
  return a.hold or a.loosed
end

-- Out of its lane, which frees its holder.
function D.leave_lane(c)
  D.lane_remove(c)
  if c.ul then
    call('ZREM', P .. 'unless:' .. c.q, c.id)
    D.set(c, 'ul', nil)
  end
  D.free_holder(c.id)
end

function D.set_state(c, state)
  if c.st == state then return end
  if c.st == 'waiting' then D.leave_lane(c) end
  D.set(c, 'st', state)
end
