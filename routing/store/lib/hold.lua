-- Holds: who lacks units only for the most urgent takes nothing less urgent meanwhile.

local function read_holds()
  local flat, holds = call('HGETALL', P .. 'holds'), {}
  for i = 1, #flat, 2 do holds[flat[i]] = flat[i + 1] end
  return holds
end

-- Who is held, by the conversation he is held for.
function D.holds()
  return D.kept('holds', read_holds)
end

local function set_holder(id, name)
  D.holds()[id] = name
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

-- Out of its lane; who was held for it is looked at again.
function D.leave_lane(c)
  D.lane_remove(c)
  if c.ul then
    call('ZREM', P .. 'unless:' .. c.q, c.id)
    D.set(c, 'ul', nil)
  end
  local holder = D.holds()[c.id]
  if holder then
    D.release_hold(D.find_agent(holder))
    if D.holds()[c.id] then set_holder(c.id, nil) end
    D.look_again(holder)
  end
end

function D.set_state(c, state)
  if c.st == state then return end
  if c.st == 'waiting' then D.leave_lane(c) end
  D.set(c, 'st', state)
end
